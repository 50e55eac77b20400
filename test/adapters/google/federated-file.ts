import { writeFile } from 'node:fs/promises'

/**
 * Writes what google-github-actions/auth leaves behind: a file that leads from GitHub's token to Google's, here at
 * `${url}/oidc` and `${url}/v1/token`.
 */
export async function writeFederatedFile(file: string, url: string): Promise<void> {
  const credentials = {
    type: 'external_account',
    audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/x',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: `${url}/v1/token`,
    credential_source: {
      url: `${url}/oidc`,
      headers: { Authorization: 'Bearer github' },
      format: { type: 'json', subject_token_field_name: 'value' },
    },
  }
  await writeFile(file, JSON.stringify(credentials))
}
