#!/usr/bin/env node
import { execute, settings } from '@oclif/core';

// With NODE_ENV=test or development oclif would look for TypeScript sources and warn; what runs is always what was built.
settings.enableAutoTranspile = false;

await execute({ dir: import.meta.url });
