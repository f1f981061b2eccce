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

// What is written is there at once, as on Lambda: what a pipe has no room for would wait in this process, which is
// frozen after its answer, and may be for ever. Both, for they are one pipe, and the one that is opened later decides.
for (const stream of [process.stdout, process.stderr]) stream._handle?.setBlocking?.(true);

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
    // The mark tells what was filtered here from what is printed.
    const line = AS_JSON ? `\x1e\x1f${jsonLine(level, values)}` : textLine(level, values);
    process.stdout.write(`${line.replaceAll("\n", "\r")}\n`);
  };
}

// Whatever was thrown is an error in the log.
export function logError(title, thrown) {
  const error = thrown instanceof Error ? thrown : new Error(BEFORE_24 ? thrown : String(thrown));
  if (AS_JSON) console.error(error);
  else console.error(title, `\t${errorText(error)}`);
}
