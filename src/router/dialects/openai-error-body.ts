// A refusal as both OpenAI dialects spell it, and every path that has no dialect of its own. Source: the OpenAI API reference, "Error codes".
import type { GatewayError } from '../gateway-error.js';
import type { JsonObject } from '../http/read-body.js';
import { openAiErrorType } from './error-types.js';

export function openAiErrorBody(error: GatewayError, requestId: string): JsonObject {
  return {
    error: {
      message: error.message,
      type: openAiErrorType(error.status),
      code: error.code,
      param: null,
      request_id: requestId,
      ...(error.details === null ? {} : { details: error.details }),
    },
  };
}
