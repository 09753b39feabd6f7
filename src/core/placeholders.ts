// Values that guides print for the reader to replace. Taken for real they ask the wrong server, or send a word as a token.

const urls = ['https://llm-api.example.com'];
const tokens = ['replace-with-router-token'];

export function isPlaceholderUrl(url: string): boolean {
  return urls.some((placeholder) => url === placeholder || url.startsWith(`${placeholder}/`) || url.startsWith(`${placeholder}:`));
}

export function isPlaceholderToken(token: string): boolean {
  return tokens.includes(token.trim());
}
