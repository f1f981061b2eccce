// What the console writes, as text or JSON (nodejs-logging; aws-lambda-nodejs-runtime-interface-client: LogPatch.js).
import { format } from "node:util";
import { errorText } from "./errors.mjs";
import { current } from "./runtime_api.mjs";
import { BEFORE_24 } from "./version.mjs";

const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
const AS_JSON = process.env.AWS_LAMBDA_LOG_FORMAT?.toUpperCase() === "JSON";
const LEAST = LEVELS.indexOf(process.env.AWS_LAMBDA_LOG_LEVEL?.toUpperCase());
// What stands for the event's id before the first one.
const NO_EVENT = BEFORE_24 ? undefined : "-";

// An error as a log event in JSON has it; its own properties follow.
function errorFields(error) {
  const stack = typeof error.stack === "string" ? error.stack.split("\n") : error.stack;
  return { errorType: error.constructor?.name ?? "UnknownError", errorMessage: error.message, stackTrace: stack };
}

function jsonLine(level, values) {
  const event = { timestamp: new Date().toISOString(), level, requestId: current.requestId ?? NO_EVENT, tenantId: current.tenantId };
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
  return `${new Date().toISOString()}\t${current.requestId ?? NO_EVENT}\t${level}\t${format(...values)}`;
}

for (const [method, level] of Object.entries({ trace: "TRACE", debug: "DEBUG", info: "INFO", log: "INFO", warn: "WARN", error: "ERROR", fatal: "FATAL" })) {
  console[method] = (...values) => {
    if (level !== "FATAL" && LEVELS.indexOf(level) < LEAST) return;
    const line = AS_JSON ? jsonLine(level, values) : textLine(level, values);
    process.stdout.write(`${line.replaceAll("\n", "\r")}\n`);
  };
}

// Whatever was thrown is an error in the log.
export function logError(title, thrown) {
  const error = thrown instanceof Error ? thrown : new Error(BEFORE_24 ? thrown : String(thrown));
  if (AS_JSON) console.error(error);
  else console.error(title, `\t${errorText(error)}`);
}
