// The Node.js runtime of lambdaform's local Lambda: gets events from the Runtime API, calls the handler, answers.
// Handlers: CommonJS or ES modules; async, returning a promise, with a callback (up to Node.js 22), or streaming. As
// AWS documents them (Lambda Developer Guide: nodejs-handler, nodejs-context) and its two runtime clients treat them
// (aws-lambda-nodejs-runtime-interface-client: Runtime.js and CallbackContext.js; from Node.js 24 on runtime/*.ts).
import { JSONStringifyError, NodeJsExit, UnhandledPromiseRejection } from "./errors.mjs";
import { findHandler, isAsync } from "./handler.mjs";
import { logError } from "./log.mjs";
import { current, next, respond, tellError, tellLastError } from "./runtime_api.mjs";
import { isStreaming, responseStream } from "./stream.mjs";
import { BEFORE_24 } from "./version.mjs";

// What the empty event loop means for the event at hand. Nothing of ours keeps the loop alive, so "beforeExit" comes
// just when the handler's work is done.
let whenIdle = () => {};

process.on("beforeExit", () => {
  const mean = whenIdle;
  whenIdle = () => {};
  mean();
});

function contextOf(headers) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  const parsed = (name) => (headers[name] ? JSON.parse(headers[name]) : undefined);
  return {
    ...(BEFORE_24 && { callbackWaitsForEmptyEventLoop: true }),
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: parsed("lambda-runtime-client-context"),
    identity: parsed("lambda-runtime-cognito-identity"),
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    tenantId: current.tenantId,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

// Up to Node.js 22 a promise, the callback or the context answers, whichever is first. What else a handler returns is
// not looked at. Only the callback's success waits for the event loop to be empty.
function answerBefore24(handler, event, context) {
  return new Promise((resolve, reject) => {
    let isAnswered = false;
    const first = (answer) => (...given) => {
      if (isAnswered) return;
      isAnswered = true;
      whenIdle = () => {};
      answer(...given);
    };
    const settle = (error, value) => (error === undefined || error === null ? resolve(value) : reject(error));
    const callback = first((error, value) => {
      const isFailed = error !== undefined && error !== null;
      if (isFailed || !context.callbackWaitsForEmptyEventLoop) settle(error, value);
      else whenIdle = () => resolve(value);
    });
    const done = first(settle);
    Object.assign(context, { done, succeed: (value) => done(null, value), fail: (error) => done(error ?? "handled") });
    whenIdle = first(() => (isAsync(handler) ? reject(new NodeJsExit()) : resolve(null)));
    let result;
    try {
      result = handler(event, context, callback);
    } catch (error) {
      callback(error);
    }
    if (typeof result?.then === "function") result.then(context.succeed, context.fail);
  });
}

// From Node.js 24 on what a handler returns is the answer, awaited if it has to be.
async function answerFrom24(handler, event, context) {
  const idle = new Promise((_, reject) => {
    whenIdle = () => reject(new NodeJsExit());
  });
  try {
    return await Promise.race([idle, handler(event, context)]);
  } finally {
    whenIdle = () => {};
    // What the handler has left behind may end the process before it has answered.
    await new Promise(setImmediate);
  }
}

const answer = BEFORE_24 ? answerBefore24 : answerFrom24;

function jsonOf(value) {
  try {
    return JSON.stringify(value === undefined ? null : value) ?? "null";
  } catch {
    throw new JSONStringifyError("Unable to stringify response body");
  }
}

async function invoke(handler, event, context) {
  let json;
  try {
    json = jsonOf(await answer(handler, event, context));
  } catch (error) {
    logError("Invoke Error", error);
    await tellError(error);
    return;
  }
  await respond(json);
}

async function invokeStreaming(handler, event, context) {
  const stream = responseStream(handler);
  try {
    const result = handler(event, stream, context);
    if (typeof result?.then !== "function") {
      const message = "Streaming does not support non-async handlers.";
      throw BEFORE_24 ? message : new Error(message);
    }
    if ((await result) !== undefined) console.warn("Streaming handlers ignore return values.");
    // As AWS's client does: a handler that never ends its stream is waited for.
    await stream.answered;
  } catch (error) {
    logError("Invoke Error", error);
    await stream.fail(error);
  }
  if (context.callbackWaitsForEmptyEventLoop) {
    await new Promise((resolve) => {
      whenIdle = resolve;
    });
  }
}

let isEnding = false;

async function crash(title, error, code) {
  isEnding = true;
  logError(title, error);
  // Whether or not there is still somebody to be told.
  await tellLastError(error).finally(() => process.exit(code));
}

if (BEFORE_24) {
  process.on("uncaughtException", (error) => crash("Uncaught Exception", error, 129));
  process.on("unhandledRejection", (reason, promise) =>
    crash("Unhandled Promise Rejection", new UnhandledPromiseRejection(reason, promise), 128),
  );
}

async function start() {
  try {
    return await findHandler(process.env._HANDLER, process.env.LAMBDA_TASK_ROOT);
  } catch (error) {
    return BEFORE_24 ? crash("Uncaught Exception", error, 129) : crash("Init Error", error, 1);
  }
}

async function serve(handler) {
  const take = isStreaming(handler) ? invokeStreaming : invoke;
  // What the handler's file has left behind may end the process before the first event.
  await new Promise(setImmediate);
  while (!isEnding) {
    const { event, headers } = await next();
    await take(handler, JSON.parse(event), contextOf(headers));
  }
}

const started = start();
started.then(serve);
// Where AWS's client awaits here, too, a handler's file that never stops awaiting ends the process with status 13.
if (BEFORE_24) await started;
