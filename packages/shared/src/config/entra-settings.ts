/**
 * For whom and where Kiln asks Microsoft Entra ID for a token. Azure's national clouds have their
 * own scopes and authorities, which follow from the host of the endpoint. A gateway in front of
 * Azure may expect a scope of its own.
 */
import type { EntraSettings } from '../models/deployment.ts';

const publicScope = 'https://cognitiveservices.azure.com/.default';

const nationalClouds = [
  {
    domain: '.azure.us',
    scope: 'https://cognitiveservices.azure.us/.default',
    authority: 'https://login.microsoftonline.us',
  },
  {
    domain: '.azure.cn',
    scope: 'https://cognitiveservices.azure.cn/.default',
    authority: 'https://login.chinacloudapi.cn',
  },
];

export interface GivenEntraSettings {
  scope: string | undefined;
  authority: string | undefined;
}

/** How messages name the two settings. */
export interface EntraNames {
  scope: string;
  authority: string;
}

export function readEntraSettings(
  baseUrl: string,
  given: GivenEntraSettings,
  names: EntraNames,
  problems: string[],
): EntraSettings {
  const { hostname } = new URL(baseUrl);
  const cloud = nationalClouds.find(({ domain }) => hostname.endsWith(domain));
  const { scope = cloud?.scope ?? publicScope } = given;
  if (!/^[a-z][a-z0-9+.-]*:\/\/\S+\/\.default$/i.test(scope))
    problems.push(
      `${names.scope} is "${scope.slice(0, 200)}"; a scope is the address of what the token is ` +
        `for, followed by /.default, such as ${publicScope} or api://<application id>/.default`,
    );
  const authority = given.authority ?? cloud?.authority ?? null;
  if (authority !== null && URL.parse(authority)?.protocol !== 'https:')
    problems.push(
      `${names.authority} is "${authority.slice(0, 200)}"; it must start with https://, such ` +
        'as https://login.microsoftonline.us',
    );
  return { scope, authority };
}
