// The paths below `/admin/reports`; `<id>` is any last part. Known apart from their answers, so that the router can start without them.

export const reportPaths = [
  '/admin/reports',
  '/admin/reports/',
  '/admin/reports/requests',
  '/admin/reports/requests/<id>',
  '/admin/reports/export.md',
  '/admin/reports/api/version',
  '/admin/reports/api/summary',
  '/admin/reports/api/requests',
  '/admin/reports/api/request/<id>',
  '/admin/reports/api/request-evidence',
] as const;
export type ReportPath = (typeof reportPaths)[number];
