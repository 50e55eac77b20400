/** Makes a secret with its versions in a local cloud, as Google's API makes them. */
export async function makeSecret(
  cloud: string,
  name: string,
  ...values: readonly (string | Uint8Array)[]
): Promise<void> {
  const secrets = `${cloud}/v1/projects/acme/secrets`
  await post(`${secrets}?secretId=${name}`, { replication: { automatic: {} } })
  for (const value of values)
    await post(`${secrets}/${name}:addVersion`, { payload: { data: Buffer.from(value).toString('base64') } })
}

export async function disableVersion(cloud: string, name: string, version: number): Promise<void> {
  await post(`${cloud}/v1/projects/acme/secrets/${name}/versions/${version}:disable`, {})
}

async function post(url: string, body: object): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(await response.text())
}
