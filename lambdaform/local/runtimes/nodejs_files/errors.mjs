// The runtime's own errors, and how any error is told (aws-lambda-nodejs-runtime-interface-client: Errors.js; from
// Node.js 24 on utils/errors.ts, utils/error.ts).
import { types } from "node:util";
import { BEFORE_24 } from "./version.mjs";

function kind(name, nameFrom24 = name) {
  const type = `Runtime.${name}`;
  const Kind = class extends Error {
    constructor(message) {
      super(message);
      // There it is a property of each error, which the log shows.
      if (!BEFORE_24) this.name = type;
    }
  };
  Kind.prototype.name = type;
  return Object.defineProperty(Kind, "name", { value: BEFORE_24 ? name : nameFrom24 });
}

export const ImportModuleError = kind("ImportModuleError");
export const HandlerNotFound = kind("HandlerNotFound", "HandlerNotFoundError");
export const MalformedHandlerName = kind("MalformedHandlerName", "MalformedHandlerNameError");
export const CallbackHandlerDeprecated = kind("CallbackHandlerDeprecated", "CallbackHandlerDeprecatedError");
export const InvalidStreamingOperation = kind("InvalidStreamingOperation");
// Up to Node.js 22 it is an error like those of functions.
export const JSONStringifyError = BEFORE_24 ? Error : kind("JSONStringifyError");

export class UserCodeSyntaxError extends kind("UserCodeSyntaxError") {
  constructor(error) {
    super(String(error));
    if (!BEFORE_24) this.stack = error.stack;
  }
}

export class UnhandledPromiseRejection extends kind("UnhandledPromiseRejection") {
  constructor(reason, promise) {
    super(reason);
    this.reason = reason;
    this.promise = promise;
  }
}

export class NodeJsExit extends kind("NodeJsExit") {
  constructor() {
    super(
      "The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise that was never settled. " +
        "For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes",
    );
  }
}

const hasText = (...values) => values.every((value) => value && typeof value === "string");

function isError(value) {
  if (types.isNativeError(value)) return true;
  return BEFORE_24 ? hasText(value?.name, value?.message, value?.stack) : value instanceof Error;
}

// An error as the caller gets it.
export function errorJson(error) {
  const shown = (text) => text?.replaceAll("\x7F", "%7F");
  try {
    if (isError(error)) {
      return { errorType: shown(error.name), errorMessage: shown(error.message), trace: shown(error.stack)?.split("\n") ?? [] };
    }
    return { errorType: typeof error, errorMessage: BEFORE_24 ? error.toString() : String(error), trace: [] };
  } catch {
    return {
      errorType: "handled",
      errorMessage: "callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack",
    };
  }
}

// An error as a line of text in the log has it, with all properties of its own.
export function errorText(error) {
  const whole = (_, value) => {
    if (!(value instanceof Error)) return value;
    const told = { errorType: value.name, errorMessage: value.message, code: value.code, ...value };
    return typeof value.stack === "string" ? { ...told, stack: value.stack.split("\n") } : told;
  };
  try {
    return JSON.stringify(error, whole);
  } catch {
    return JSON.stringify(errorJson(error));
  }
}
