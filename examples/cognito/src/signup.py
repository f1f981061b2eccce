def handler(event, context):
    email = event["request"]["userAttributes"]["email"]
    if not email.endswith("@club.example.com"):
        raise ValueError("Please ask the secretary for an address of the club.")
    event["response"]["autoConfirmUser"] = True
    event["response"]["autoVerifyEmail"] = True
    return event
