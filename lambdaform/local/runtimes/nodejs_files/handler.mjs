// Finds a function's handler (nodejs-handler; aws-lambda-nodejs-runtime-interface-client: UserFunction.js; from
// Node.js 24 on function/*.ts).
import fs from "node:fs";
import module, { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { CallbackHandlerDeprecated, HandlerNotFound, ImportModuleError, MalformedHandlerName, UserCodeSyntaxError } from "./errors.mjs";
import { isStreaming } from "./stream.mjs";
import { BEFORE_24 } from "./version.mjs";

// What cannot be found is told with the files that wanted it, and the last of these is AWS's.
const require = createRequire(new URL("./index.mjs", import.meta.url));

const CALLBACKS_WILL_GO =
  "AWS Lambda plans to remove support for callback-based function handlers starting with Node.js 24. " +
  "You will need to update this function to use an async handler to use Node.js 24 or later. For more information and to provide feedback on this change, " +
  "see https://github.com/aws/aws-lambda-nodejs-runtime-interface-client/issues/137. " +
  "To disable this warning, set the AWS_LAMBDA_NODEJS_DISABLE_CALLBACK_WARNING environment variable.";
const CALLBACKS_ARE_GONE =
  "ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. " +
  "You need to modify this function to use a supported handler signature to use Node.js 24 or later. " +
  "For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.";

export const isAsync = (handler) => handler.constructor?.name === "AsyncFunction";

export async function findHandler(text, root) {
  if (text.includes("..")) {
    throw new MalformedHandlerName(
      `'${text}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    );
  }
  const [, file, names] = /^([^.]*)\.(.*)$/s.exec(path.basename(text)) ?? [];
  if (names === undefined) throw new MalformedHandlerName("Bad handler");
  const loaded = await load(path.resolve(root, path.dirname(text)), file, root);
  const pick = (from) => names.split(".").reduce((value, name) => value && value[name], from);
  const handler = pick(loaded) || (BEFORE_24 ? undefined : pick(loaded.default));
  if (!handler) throw new HandlerNotFound(`${text} is undefined or not exported`);
  if (typeof handler !== "function") throw new HandlerNotFound(`${text} is not a function`);
  checkCallback(handler);
  return handler;
}

// A third argument makes a handler one with a callback.
function checkCallback(handler) {
  if (isStreaming(handler)) return;
  if (!BEFORE_24 && handler.length >= 3) throw new CallbackHandlerDeprecated(CALLBACKS_ARE_GONE);
  if (handler.length !== 3 || isAsync(handler)) return;
  if (process.env.AWS_LAMBDA_NODEJS_DISABLE_CALLBACK_WARNING === undefined) console.warn(CALLBACKS_WILL_GO);
}

async function load(folder, name, root) {
  try {
    for (const ending of ["", ".js", ".mjs", ".cjs"]) {
      const file = path.join(folder, name + ending);
      if (fs.existsSync(file)) return await loadFile(file, ending);
    }
    return require(require.resolve(name, { paths: [root, folder] }));
  } catch (error) {
    if (error instanceof SyntaxError) throw new UserCodeSyntaxError(error);
    if (error?.code === "MODULE_NOT_FOUND" || error?.code === "ERR_MODULE_NOT_FOUND") adviseOnSdk(error.message);
    throw error?.code === "MODULE_NOT_FOUND" ? new ImportModuleError(String(error)) : error;
  }
}

function loadFile(file, ending) {
  const isModule = ending === ".mjs" || (ending === ".js" && isInModule(path.dirname(file)));
  if (isModule || module.registerHooks) lookAlongNodePath();
  return isModule || !BEFORE_24 ? import(pathToFileURL(file).href) : require(file);
}

function adviseOnSdk(message) {
  const sdk = /'(@(?:aws-sdk|smithy)\/[^']+)'/.exec(message)?.[1];
  if (sdk) process.stderr.write(`lambdaform: Lambda brings ${sdk}, and it is not here. Put it into the package: npm install ${sdk}\n`);
}

// Whether the nearest package.json says that files are ES modules.
function isInModule(folder) {
  if (path.basename(folder) === "node_modules") return false;
  const said = path.join(folder, "package.json");
  if (!fs.existsSync(said)) return folder !== path.dirname(folder) && isInModule(path.dirname(folder));
  try {
    return JSON.parse(fs.readFileSync(said, "utf8"))?.type === "module";
  } catch (error) {
    console.warn(`${said} cannot be read, it will be ignored for ES module detection purposes.`, error);
    return false;
  }
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
