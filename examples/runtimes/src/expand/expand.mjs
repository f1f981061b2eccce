const links = new Map([["0f115db0", "https://example.com/"]]);

export const handler = async (event) => {
  const url = links.get(event.code);
  if (!url) throw new Error(`no link ${event.code}`);
  return { statusCode: 301, headers: { Location: url } };
};
