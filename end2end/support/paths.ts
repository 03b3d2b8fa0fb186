// Paths of the console's pages for the demo workspace, and of the workspace's own API.

import { WORKSPACE_NAME } from './console.ts';

const WORKSPACE_PATH = `/w/${WORKSPACE_NAME}`;

export const TOKENS_PATH = `${WORKSPACE_PATH}/tokens`;
export const NEW_TOKEN_PATH = `${TOKENS_PATH}/new`;
export const PRINCIPALS_PATH = `${WORKSPACE_PATH}/principals`;
export const FINDINGS_PATH = `${WORKSPACE_PATH}/findings`;
export const SCOPES_PATH = `${WORKSPACE_PATH}/scopes`;
export const FIND_LEAKED_PATH = `${WORKSPACE_PATH}/find`;
export const BULK_REVOCATIONS_PATH = `${WORKSPACE_PATH}/bulk-revocations`;
export const ACTIVITY_PATH = `${WORKSPACE_PATH}/activity`;
export const SETTINGS_PATH = `${WORKSPACE_PATH}/settings/advanced`;
export const PERMISSIONS_PATH = `${SETTINGS_PATH}/permissions`;

export const TOKENS_API = '/api/2.0/token-management/tokens';
export const ON_BEHALF_API = '/api/2.0/token-management/on-behalf-of/tokens';
export const CONF_API = '/api/2.0/workspace-conf';
export const PERMISSIONS_API = '/api/2.0/permissions/authorization/tokens';
export const SCIM_API = '/api/2.0/preview/scim/v2/';
export const GROUPS_API = `${SCIM_API}Groups`;
