// What a streaming handler writes to, and the global awslambda that makes handlers stream (config-rs-write-functions).
import { Writable } from "node:stream";
import { errorJson, InvalidStreamingOperation } from "./errors.mjs";
import { startResponse } from "./runtime_api.mjs";

const STREAMING = Symbol.for("aws.lambda.runtime.handler.streaming");
const HIGH_WATER_MARK = Symbol.for("aws.lambda.runtime.handler.streaming.highWaterMark");

export const isStreaming = (handler) => Boolean(handler[STREAMING]);

export function responseStream(handler) {
  const highWaterMark = handler[HIGH_WATER_MARK];
  return new ResponseStream(highWaterMark ? { highWaterMark } : {});
}

// The body of one request to the Runtime API, at the pace of whoever reads it.
class ResponseStream extends Writable {
  #request = startResponse();
  #hasBegun = false;
  #prelude;

  constructor(options) {
    super(options);
    this.answered = new Promise((resolve, reject) => {
      this.#request.on("response", (response) => response.resume().on("end", resolve));
      this.#request.on("error", reject);
    });
    this.answered.catch((error) => this.destroy(error));
    this.on("error", () => {});
  }

  setContentType(type) {
    if (this.#hasBegun) throw new InvalidStreamingOperation("Cannot set content-type, too late.");
    this.#request.setHeader("Content-Type", type);
  }

  setPrelude(text) {
    this.#prelude = text;
  }

  write(chunk, ...rest) {
    const isData = typeof chunk === "string" || Buffer.isBuffer(chunk) || chunk?.constructor === Uint8Array;
    return super.write(isData ? chunk : JSON.stringify(chunk), ...rest);
  }

  #begin() {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    if (this.#prelude !== undefined) {
      this.#request.write(this.#prelude);
      this.#request.write(Buffer.alloc(8));
    }
  }

  _write(chunk, encoding, callback) {
    this.#begin();
    this.#request.write(chunk, callback);
  }

  _final(callback) {
    this.#begin();
    this.#request.end(callback);
  }

  _destroy(error, callback) {
    if (!this.#request.writableEnded) this.#request.destroy(error ?? undefined);
    callback(error);
  }

  // Ends the stream with an error, unless it has ended or broken off before.
  async fail(error) {
    if (this.#request.writableEnded || this.#request.destroyed) return;
    const shown = errorJson(error);
    this.#begin();
    this.#request.addTrailers({
      "Lambda-Runtime-Function-Error-Type": encodeURI(shown.errorType ?? ""),
      "Lambda-Runtime-Function-Error-Body": Buffer.from(JSON.stringify(shown)).toString("base64"),
    });
    this.#request.end();
    await this.answered;
  }
}

globalThis.awslambda = {
  streamifyResponse(handler, options) {
    handler[STREAMING] = "response";
    if (typeof options?.highWaterMark === "number") handler[HIGH_WATER_MARK] = options.highWaterMark;
    return handler;
  },
  HttpResponseStream: {
    from(stream, prelude) {
      stream.setContentType("application/vnd.awslambda.http-integration-response");
      stream.setPrelude(JSON.stringify(prelude));
      return stream;
    },
  },
};
