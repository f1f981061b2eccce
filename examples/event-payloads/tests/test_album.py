from src.album import handler

from lambdaform.payloads import s3


def test_a_picture_is_listed_under_its_plain_name():
    event = s3.sample("summer 2026/beach.jpg")
    assert handler(event.to_json(), None) == ["summer 2026/beach.jpg"]


def test_what_is_no_picture_is_skipped():
    event = s3.sample("notes.txt")
    assert handler(event.to_json(), None) == []
