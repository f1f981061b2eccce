// The Node.js runtime of lambdaform's local Lambda: gets events from the Runtime API, calls the handler, answers.
// Handlers: CommonJS or ES modules; async, returning a promise, with a callback, or streaming. Context, log lines and
// the global awslambda as AWS documents them (Lambda Developer Guide: nodejs-handler, nodejs-context, nodejs-logging,
// config-rs-write-functions; runtimes-custom for the wire).
import http from "node:http";
import path from "node:path";
import fs from "node:fs";
import module, { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { Writable } from "node:stream";
import { format } from "node:util";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const streams = new http.Agent({ keepAlive: true });
// From Node.js 24 on, what a handler leaves behind when its stream has ended is not waited for.
const WAITS = Number(/nodejs(\d+)/.exec(process.env.AWS_EXECUTION_ENV ?? "")?.[1] ?? 0) < 24;
let requestId;
let tenantId;

function call(method, name, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request(
      { host, port, agent, method, path: `/2018-06-01/runtime/${name}`, headers },
      (response) => {
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }));
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
const AS_JSON = process.env.AWS_LAMBDA_LOG_FORMAT?.toUpperCase() === "JSON";
const LEAST = LEVELS.indexOf(process.env.AWS_LAMBDA_LOG_LEVEL?.toUpperCase());

// An error as a log event in JSON has it; its own properties follow.
function errorFields(error) {
  const stack = typeof error.stack === "string" ? error.stack.split("\n") : error.stack;
  return { errorType: error.constructor?.name ?? "UnknownError", errorMessage: error.message, stackTrace: stack };
}

function jsonLine(level, values) {
  const event = { timestamp: new Date().toISOString(), level, requestId, tenantId };
  if (values.length === 1) {
    const shown = (_, value) => (value instanceof Error ? { ...errorFields(value), ...value } : value);
    try {
      return JSON.stringify({ ...event, message: values[0] }, shown);
    } catch {
      return JSON.stringify({ ...event, message: format(values[0]) });
    }
  }
  const error = values.find((value) => value instanceof Error);
  return JSON.stringify({ ...event, message: format(...values), ...(error && errorFields(error)) });
}

function textLine(level, values) {
  return `${new Date().toISOString()}\t${requestId}\t${level}\t${format(...values)}`;
}

for (const [method, level] of Object.entries({ trace: "TRACE", debug: "DEBUG", info: "INFO", log: "INFO", warn: "WARN", error: "ERROR", fatal: "FATAL" })) {
  console[method] = (...values) => {
    if (level !== "FATAL" && LEVELS.indexOf(level) < LEAST) return;
    // The mark tells what was filtered here from what is printed.
    const line = AS_JSON ? `\x1e\x1f${jsonLine(level, values)}` : textLine(level, values);
    process.stdout.write(`${line.replaceAll("\n", "\r")}\n`);
  };
}

const STREAMING = Symbol.for("aws.lambda.runtime.handler.streaming");

// What a streaming handler writes to: the body of one request to the Runtime API, at the pace of whoever reads it.
class ResponseStream extends Writable {
  #request;
  #hasBegun = false;
  #prelude;

  constructor(options) {
    super(options);
    // A connection of its own, for an error may have to be told meanwhile.
    this.#request = http.request({
      host, port, agent: streams, method: "POST", path: `/2018-06-01/runtime/invocation/${requestId}/response`,
      headers: {
        "Content-Type": "application/octet-stream",
        "Lambda-Runtime-Function-Response-Mode": "streaming",
        "Transfer-Encoding": "chunked",
        Trailer: "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body",
      },
    });
    this.answered = new Promise((resolve, reject) => {
      this.#request.on("response", (response) => response.resume().on("end", resolve));
      this.#request.on("error", reject);
    });
    this.answered.catch((error) => this.destroy(error));
    this.on("error", () => {});
  }

  setContentType(type) {
    if (this.#hasBegun) throw new RuntimeError("Runtime.InvalidStreamingOperation", "Cannot set content-type, too late.");
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
      "Lambda-Runtime-Function-Error-Type": shown.errorType,
      "Lambda-Runtime-Function-Error-Body": Buffer.from(JSON.stringify(shown)).toString("base64"),
    });
    this.#request.end();
    await this.answered;
  }
}

globalThis.awslambda = {
  streamifyResponse(handler, options) {
    handler[STREAMING] = { highWaterMark: options?.highWaterMark };
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

class RuntimeError extends Error {
  constructor(type, message) {
    super(message);
    this.name = type;
  }
}

const NEVER_SETTLED =
  "The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise that was never settled. " +
  "For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes";

function errorJson(error) {
  if (error instanceof Error) {
    return { errorType: error.name ?? "Error", errorMessage: error.message ?? String(error), trace: (error.stack ?? "").split("\n") };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

function logError(title, error) {
  if (AS_JSON) {
    console.error(error instanceof Error ? error : new Error(error));
    return;
  }
  const shown = { ...errorJson(error), stack: errorJson(error).trace };
  delete shown.trace;
  process.stdout.write(`${new Date().toISOString()}\t${requestId ?? "undefined"}\tERROR\t${title}\t${JSON.stringify(shown)}\n`);
}

async function load(root, moduleName) {
  const base = path.resolve(root, moduleName);
  const require = createRequire(path.join(root, "index.js"));
  const file = ["", ".js", ".mjs", ".cjs"].map((ending) => base + ending).find((each) => fs.statSync(each, { throwIfNoEntry: false })?.isFile());
  try {
    if (file === undefined) {
      if (fs.statSync(base, { throwIfNoEntry: false })?.isDirectory()) return require(base);
      return require(require.resolve(moduleName, { paths: (process.env.NODE_PATH ?? "").split(":") }));
    }
    if (file.endsWith(".cjs")) return require(file);
    if (module.registerHooks || file.endsWith(".mjs") || isInModule(path.dirname(file), root)) lookAlongNodePath();
    return await import(pathToFileURL(file).href);
  } catch (error) {
    if (error instanceof SyntaxError) throw Object.assign(new RuntimeError("Runtime.UserCodeSyntaxError", String(error)), { stack: error.stack });
    if (error?.code === "MODULE_NOT_FOUND" || error?.code === "ERR_MODULE_NOT_FOUND") {
      const sdk = /'(@(?:aws-sdk|smithy)\/[^']+)'/.exec(error.message)?.[1];
      if (sdk) process.stderr.write(`lambdaform: Lambda brings ${sdk}, and it is not here. Put it into the package: npm install ${sdk}\n`);
      const missing = file === undefined ? `Cannot find module '${moduleName}'\nRequire stack:\n- ${path.join(root, "index.js")}` : error.message;
      throw Object.assign(new RuntimeError("Runtime.ImportModuleError", `Error: ${missing}`), { stack: error.stack });
    }
    throw error;
  }
}

// Whether the nearest package.json says that files are ES modules.
function isInModule(folder, root) {
  const said = path.join(folder, "package.json");
  if (fs.existsSync(said)) return /"type"\s*:\s*"module"/.test(fs.readFileSync(said, "utf8"));
  return folder !== root && folder !== path.dirname(folder) && isInModule(path.dirname(folder), root);
}

// Lambda's Node.js looks along NODE_PATH for import, too (nodejs-package, "Dependency search path"); Node.js itself
// does so for require alone. Hooks cost some milliseconds, so they are there only where there is something to find.
function lookAlongNodePath() {
  const folders = (process.env.NODE_PATH ?? "").split(":").filter((each) => path.basename(each) === "node_modules" && fs.existsSync(each));
  if (folders.length === 0) return;
  const parents = folders.map((each) => pathToFileURL(path.join(path.dirname(each), "any.mjs")).href);
  const isBare = (specifier) => !/^(?:\.{0,2}\/|[a-z]+:)/i.test(specifier);
  if (module.registerHooks) {
    module.registerHooks({
      resolve(specifier, context, resolve) {
        try {
          return resolve(specifier, context);
        } catch (error) {
          if (error?.code !== "ERR_MODULE_NOT_FOUND" || !isBare(specifier)) throw error;
          for (const parentURL of parents) {
            try {
              return resolve(specifier, { ...context, parentURL });
            } catch {
              // The next folder may have it; what is told is the first error.
            }
          }
          throw error;
        }
      },
    });
  } else if (module.register) {
    module.register("./hooks.mjs", import.meta.url, { data: parents });
  }
}

async function findHandler() {
  const text = process.env._HANDLER;
  const folder = path.dirname(text);
  const [file, ...names] = path.basename(text).split(".");
  if (!file || names.length === 0 || text.includes("..")) {
    throw new RuntimeError("Runtime.MalformedHandlerName", "Bad handler");
  }
  const loaded = await load(process.env.LAMBDA_TASK_ROOT, path.join(folder, file));
  const pick = (from) => names.reduce((value, name) => value?.[name], from);
  const handler = pick(loaded) ?? pick(loaded.default);
  if (handler === undefined) throw new RuntimeError("Runtime.HandlerNotFound", `${text} is undefined or not exported`);
  if (typeof handler !== "function") throw new RuntimeError("Runtime.HandlerNotFound", `${text} is not a function`);
  return handler;
}

function contextOf(headers, settle) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  const parsed = (name) => (headers[name] ? JSON.parse(headers[name]) : undefined);
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: parsed("lambda-runtime-client-context"),
    identity: parsed("lambda-runtime-cognito-identity"),
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    tenantId,
    getRemainingTimeInMillis: () => deadline - Date.now(),
    succeed: (value) => settle(null, value),
    fail: (error) => settle(error ?? "handled"),
    done: (error, value) => settle(error, value),
  };
}

function run(handler, event, headers) {
  return new Promise((resolve, reject) => {
    let context;
    let settled = false;
    // A callback's answer waits for the event loop to be empty, unless the handler said otherwise.
    const settle = (error, value) => {
      settled = true;
      const answer = () => (error !== null && error !== undefined ? reject(error) : resolve(value));
      if (!context.callbackWaitsForEmptyEventLoop) setImmediate(answer);
      else waitForEmptyLoop(answer);
    };
    context = contextOf(headers, settle);
    const result = handler(event, context, settle);
    if (typeof result?.then === "function") {
      const isAsync = handler.constructor?.name === "AsyncFunction";
      const empty = () => (isAsync ? reject(new RuntimeError("Runtime.NodeJsExit", NEVER_SETTLED)) : resolve(null));
      result.then(resolve, reject).finally(() => pending.delete(empty));
      waitForEmptyLoop(empty);
    } else if (handler.length < 3 && result !== undefined) resolve(result);
    else waitForEmptyLoop(() => settled || resolve(null));
  });
}

async function runStreaming(handler, event, headers) {
  const { highWaterMark } = handler[STREAMING];
  const stream = new ResponseStream(highWaterMark ? { highWaterMark } : {});
  const context = contextOf(headers, () => {});
  try {
    const result = handler(event, stream, context);
    if (typeof result?.then !== "function") throw "Streaming does not support non-async handlers.";
    if ((await result) !== undefined) console.warn("Streaming handlers ignore return values.");
    // As AWS's client does: a handler that never ends its stream is waited for.
    await stream.answered;
  } catch (error) {
    logError("Invoke Error", error);
    await stream.fail(error);
  }
  if (context.callbackWaitsForEmptyEventLoop && WAITS) await new Promise(waitForEmptyLoop);
}

const pending = new Set();
process.on("beforeExit", () => {
  for (const answer of pending) {
    pending.delete(answer);
    answer();
  }
});

// Between events nothing of ours keeps the loop alive, so "beforeExit" comes just when the handler's work is done.
function waitForEmptyLoop(answer) {
  pending.add(answer);
}

async function serve() {
  let handler;
  try {
    handler = await findHandler();
  } catch (error) {
    logError("Uncaught Exception", error);
    await call("POST", "init/error", JSON.stringify(errorJson(error)), { "Lambda-Runtime-Function-Error-Type": errorJson(error).errorType });
    process.exit(1);
  }
  process.on("uncaughtException", (error) => crash("Uncaught Exception", error));
  process.on("unhandledRejection", (reason) => {
    const error = new RuntimeError("Runtime.UnhandledPromiseRejection", reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason));
    crash("Unhandled Promise Rejection", error);
  });
  for (;;) {
    const next = await call("GET", "invocation/next");
    requestId = next.headers["lambda-runtime-aws-request-id"];
    tenantId = next.headers["lambda-runtime-aws-tenant-id"];
    process.env._X_AMZN_TRACE_ID = next.headers["lambda-runtime-trace-id"] ?? "";
    if (handler[STREAMING]) {
      await runStreaming(handler, JSON.parse(next.body.toString()), next.headers);
      continue;
    }
    try {
      const value = await run(handler, JSON.parse(next.body.toString()), next.headers);
      let body;
      try {
        body = JSON.stringify(value === undefined ? null : value) ?? "null";
      } catch (error) {
        throw new RuntimeError("Runtime.MarshalError", `Unable to stringify response body as json: ${error.message}`);
      }
      await call("POST", `invocation/${requestId}/response`, body, { "Content-Type": "application/json" });
    } catch (error) {
      logError("Invoke Error", error);
      const shown = errorJson(error);
      await call("POST", `invocation/${requestId}/error`, JSON.stringify(shown), {
        "Content-Type": "application/json",
        "Lambda-Runtime-Function-Error-Type": shown.errorType,
      });
    }
  }
}

async function crash(title, error) {
  logError(title, error);
  const shown = errorJson(error);
  if (requestId !== undefined) {
    await call("POST", `invocation/${requestId}/error`, JSON.stringify(shown), { "Lambda-Runtime-Function-Error-Type": shown.errorType });
  }
  process.exit(129);
}

serve();
