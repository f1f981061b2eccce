// Has import look along NODE_PATH, as Lambda's Node.js does, in versions whose hooks run in a thread of their own.
// Source: Node.js documentation, module.register.
let parents = [];

export function initialize(data) {
  parents = data;
}

export async function resolve(specifier, context, next) {
  try {
    return await next(specifier, context);
  } catch (error) {
    if (error?.code !== "ERR_MODULE_NOT_FOUND" || /^(?:\.{0,2}\/|[a-z]+:)/i.test(specifier)) throw error;
    for (const parentURL of parents) {
      try {
        return await next(specifier, { ...context, parentURL });
      } catch {
        // The next folder may have it; what is told is the first error.
      }
    }
    throw error;
  }
}
