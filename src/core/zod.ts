// Specs of checks and changes are written with zod; they get it from here, so that one file owns the package.
export { z } from 'zod';
