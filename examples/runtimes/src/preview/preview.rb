require "uri"

def handler(event:, context:)
  raise ArgumentError, "no url" unless event.key?("url")

  { host: URI(event["url"]).host }
end
