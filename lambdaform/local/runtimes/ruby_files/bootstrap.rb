# frozen_string_literal: true

# The Ruby runtime of lambdaform's local Lambda: gets events from the Runtime API, calls the handler, answers.
# What handlers see and callers get is what AWS documents (Lambda Developer Guide: ruby-handler, ruby-context,
# ruby-logging, ruby-exceptions) and what AWS's client, aws_lambda_ric 3.1, does.

require "json"
require "logger"
require "net/http"
require "stringio"

$stdout.sync = true

# The object that a handler gets as its context.
class LambdaContext
  attr_reader :aws_request_id, :client_context, :deadline_ms, :function_name, :function_version, :identity,
              :invoked_function_arn, :log_group_name, :log_stream_name, :memory_limit_in_mb, :tenant_id

  def initialize(headers)
    @aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
    @invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
    @deadline_ms = headers["Lambda-Runtime-Deadline-Ms"].to_i
    @tenant_id = headers["Lambda-Runtime-Aws-Tenant-Id"]
    @client_context = parsed(headers["Lambda-Runtime-Client-Context"])
    @identity = parsed(headers["Lambda-Runtime-Cognito-Identity"])
    @function_name = ENV["AWS_LAMBDA_FUNCTION_NAME"]
    @function_version = ENV["AWS_LAMBDA_FUNCTION_VERSION"]
    @log_group_name = ENV["AWS_LAMBDA_LOG_GROUP_NAME"]
    @log_stream_name = ENV["AWS_LAMBDA_LOG_STREAM_NAME"]
    @memory_limit_in_mb = ENV["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
  end

  def get_remaining_time_in_millis
    [@deadline_ms - Process.clock_gettime(Process::CLOCK_REALTIME, :millisecond), 0].max
  end

  private

  def parsed(text)
    # HTTP gives headers as bytes.
    text.nil? || text.empty? ? nil : JSON.parse(text.dup.force_encoding(Encoding::UTF_8))
  end
end

module AwsLambda
  # Turns requests into events and results into bodies. Functions may override both, as on AWS.
  class Marshaller
    def self.marshall_request(request)
      request["Content-Type"] == "application/json" ? JSON.parse(request.body) : request.body
    end

    def self.marshall_response(result)
      return [result, "application/unknown"] if result.is_a?(StringIO) || result.is_a?(IO)

      result.to_json
    end
  end
end

module LambdaformRuntime
  # Whatever is written at once is one event of the log: its lines are kept together by bare carriage returns.
  module Log
    def self.write(text)
      $stdout.write("#{text.to_s.encode(Encoding::UTF_8).chomp.gsub("\n", "\r")}\n")
    end

    def self.close; end

    def self.reopen(*) = self
  end

  # The form of a line of a Logger that writes to the log.
  class LineFormat < Logger::Formatter
    def call(severity, time, program, message)
      format("%s, [%s #%d] %5s %s -- %s: %s", severity[0], format_datetime(time), Process.pid, severity,
             Runtime.request_id, program, msg2str(message))
    end
  end

  # A Logger on standard output or standard error is one on the log.
  module LoggerOnLog
    def initialize(device = nil, *arguments, **options)
      if device.nil? || device.equal?($stdout) || device.equal?($stderr)
        options[:formatter] ||= LineFormat.new
        device = Log
      end
      super
    end
  end
  Logger.prepend(LoggerOnLog)

  # What is said about an error: `kind` is Function or Init.
  class Failure
    NAMED = %w[ArgumentError Exception LoadError NameError NoMethodError StandardError SystemExit
               SystemStackError].freeze

    def initialize(error, kind)
      @error = error
      @kind = kind
    end

    def type = "#{@kind}<#{@error.class}>"

    def header = NAMED.include?(@error.class.to_s) ? type : "Function<UserException>"

    def to_h = { errorMessage: @error.message, errorType: type, stackTrace: trace }

    def log(title)
      Log.write(title)
      Log.write(JSON.pretty_generate(to_h))
    end

    # A failure that the process does not survive, as on AWS: a name that is not there, and what is no StandardError.
    def fatal? = @error.is_a?(NameError) || !@error.is_a?(StandardError)

    private

    def trace
      locations = @error.backtrace_locations || []
      locations.take_while { |each| each.absolute_path != __FILE__ && each.path != __FILE__ }.first(100).map(&:to_s)
    end
  end

  # The function's handler, by the name that its configuration gives.
  class Handler
    attr_reader :file

    def initialize(text)
      parts = text.split(".")
      unless [2, 3].include?(parts.size)
        raise ArgumentError, "Invalid handler #{parts}, must be of form FILENAME.METHOD or FILENAME.CLASS.METHOD " \
                             "where FILENAME corresponds with an existing Ruby source file FILENAME.rb, CLASS is " \
                             "an optional module/class namespace and METHOD is a callable method. If using CLASS, " \
                             "METHOD must be a class-level method."
      end
      @file, *@names, @method = parts
    end

    def call(event, context)
      receiver = @names.empty? ? Object.new : Kernel.const_get(@names.first)
      receiver.__send__(@method, event: event, context: context)
    end
  end

  # One process's conversation with the Runtime API, over one connection.
  class Runtime
    class << self
      attr_accessor :request_id
    end

    INVOCATION = "/2018-06-01/runtime/invocation"

    def initialize
      host, port = ENV.fetch("AWS_LAMBDA_RUNTIME_API").split(":")
      @http = Net::HTTP.new(host, port.to_i, nil)
      # The next event may be a long time coming, and this process stands still meanwhile.
      @http.read_timeout = nil
      @http.keep_alive_timeout = 1_000_000
      @http.max_retries = 0
      @http.start
    end

    def run
      handler = load_handler
      loop { serve(handler) }
    end

    private

    def load_handler
      root = Dir.pwd
      $LOAD_PATH.unshift(root) unless $LOAD_PATH.include?(root)
      handler = Handler.new(ENV.fetch("_HANDLER"))
      require handler.file
      handler
    rescue Exception => e # rubocop:disable Lint/RescueException -- whatever a function's file raises
      failure = Failure.new(e, "Init")
      sdk = e.message[/-- (aws-sdk[\w-]*)/, 1] if e.is_a?(LoadError)
      Log.write("lambdaform: Lambda brings #{sdk}, and it is not here. Put it into the package: bundle add #{sdk}") if sdk
      failure.log("Init error when loading handler #{ENV.fetch('_HANDLER')}")
      post("/2018-06-01/runtime/init/error", failure)
      exit!(252)
    end

    def serve(handler)
      request = @http.get("#{INVOCATION}/next")
      id = Runtime.request_id = request["Lambda-Runtime-Aws-Request-Id"]
      trace = request["Lambda-Runtime-Trace-Id"]
      ENV["_X_AMZN_TRACE_ID"] = trace if trace
      begin
        event = AwsLambda::Marshaller.marshall_request(request)
        result = handler.call(event, LambdaContext.new(request))
        body, type = AwsLambda::Marshaller.marshall_response(result)
        body = body.read if type == "application/unknown"
      rescue Exception => e # rubocop:disable Lint/RescueException -- the caller gets them all
        return fail(id, Failure.new(e, "Function"))
      end
      @http.post("#{INVOCATION}/#{id}/response", body, "Content-Type" => type || "application/json")
    end

    def fail(id, failure)
      failure.log(failure.fatal? ? "Critical exception from handler" : "Error raised from handler method")
      post("#{INVOCATION}/#{id}/error", failure)
      exit!(255) if failure.fatal?
    end

    def post(path, failure)
      headers = { "Content-Type" => "application/json", "Lambda-Runtime-Function-Error-Type" => failure.header }
      @http.post(path, failure.to_h.to_json, headers)
    end
  end
end

module Kernel
  def puts(*values)
    LambdaformRuntime::Log.write(values.flatten.join("\n"))
    nil
  end
end

LambdaformRuntime::Runtime.new.run
