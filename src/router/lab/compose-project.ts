// The compose project that an image package brings along: the service, its variables, a config to begin with, and the license for
// practice that goes with the package's test key. Secrets are named, and none is in it.
import { labLicense, signLicense } from './lab-license.js';

export interface ProjectFile {
  readonly path: string;
  readonly text: string;
}

export function composeProject(product: string, tag: string): readonly ProjectFile[] {
  const prefix = product.toUpperCase().replaceAll('-', '_');
  return [
    { path: 'compose/compose.yaml', text: composeFile(product, prefix) },
    { path: 'compose/.env', text: variables(prefix, tag, '') },
    { path: 'compose/.env.example', text: variables(prefix, tag, 'replace-with-provider-key') },
    { path: 'compose/config.yaml', text: config(product) },
    { path: 'compose/license/license.json', text: signLicense(labLicense) },
  ];
}

function composeFile(product: string, prefix: string): string {
  const ask = "fetch('http://127.0.0.1:8080/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))";
  return `# ${product}: one service. Its database and the state of its license stay in ./data.
services:
  router:
    image: ${product}:\${${prefix}_VERSION:?set ${prefix}_VERSION in .env}
    restart: unless-stopped
    ports:
      - "127.0.0.1:\${${prefix}_PORT:-8080}:8080"
    environment:
      PRIMARY_API_KEY: \${PRIMARY_API_KEY:-}
    volumes:
      - ./config.yaml:/etc/${product}/config.yaml:ro
      - ./license:/etc/${product}/license:ro
      - ./data:/var/lib/${product}
    stop_grace_period: 40s
    healthcheck:
      test: ["CMD", "/usr/local/bin/node", "-e", "${ask}"]
      interval: 5s
      timeout: 3s
      retries: 3
      start_period: 20s
`;
}

function variables(prefix: string, tag: string, key: string): string {
  return `# The image that runs: the tag that its file was loaded with.
${prefix}_VERSION=${tag}
# Port on 127.0.0.1.
${prefix}_PORT=8080
# Key of the provider "primary" in config.yaml.
PRIMARY_API_KEY=${key}
`;
}

function config(product: string): string {
  return `# Checked with: routerctl lab check-config config.yaml
product: ${product}
listen: { host: 0.0.0.0, port: 8080 }
database: { path: /var/lib/${product}/usage.sqlite }
license: { file: /etc/${product}/license/license.json, state_file: /var/lib/${product}/license-state.json }
limits: { drain_ms: 30000 }
providers:
  primary:
    base_url: https://llm-provider.example.com/v1
    dialect: openai-chat
    api_key_env: PRIMARY_API_KEY
    models:
      small: { model: replace-with-a-model-of-the-provider, input_price_per_million_usd: 0.5, output_price_per_million_usd: 1.5 }
models:
  chat-small:
    strategy: static
    targets: [{ provider: primary, model_ref: small }]
callers:
  # Of a token, its digest alone: printf %s "$TOKEN" | sha256sum
  - { id: first-caller, token_sha256: "${'0'.repeat(64)}", allow: [chat-small] }
`;
}
