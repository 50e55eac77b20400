import { expect } from 'vitest'
import type { EmulatorOptions } from '../../emulator/index.ts'
import { findTool } from '../tools.ts'
import { type Ending, type Stage, setStage } from './stage.ts'

export const packer = findTool('packer', ['packer', 'version'], true)

/** A team's template that makes its machine and its image with curl: real Packer, and no machine to wait for. */
const template = `
variable "image_name" { type = string }
variable "image_labels" { type = map(string) }
variable "instance_name" { type = string }
variable "labels" { type = map(string) }
variable "project_id" { type = string }
variable "zone" { type = string }
variable "note" { default = "" }
source "null" "team" { communicator = "none" }
build {
  sources = ["source.null.team"]
  provisioner "shell-local" {
    inline = ["sh make-image.sh"]
    environment_vars = [
      "IMAGE=\${var.image_name}",
      "IMAGE_LABELS=\${jsonencode(var.image_labels)}",
      "INSTANCE=\${var.instance_name}",
      "LABELS=\${jsonencode(var.labels)}",
      "PROJECT=\${var.project_id}",
      "ZONE=\${var.zone}",
    ]
  }
}
`

const makeImage = `#!/bin/sh
set -eu
compute=\${CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE}projects/$PROJECT
image="projects/$PROJECT/global/images/family/mayfly-local"
post() { curl -sS --fail-with-body -X POST -H 'content-type: application/json' -d "$2" "$1" >answer.json; }
finish() {
  curl -sS -X POST "$compute/$1/operations/$(sed -n 's/.*"name":"\\([^"]*\\)".*/\\1/p' answer.json)/wait" >done.json
  if grep -q '"error"' done.json; then exit 1; fi
}
post "$compute/zones/$ZONE/instances" "{\\"name\\":\\"$INSTANCE\\",\\"labels\\":$LABELS,\\"machineType\\":\\"zones/$ZONE/machineTypes/e2-small\\",\\"disks\\":[{\\"boot\\":true,\\"initializeParams\\":{\\"sourceImage\\":\\"$image\\"}}],\\"networkInterfaces\\":[{\\"network\\":\\"global/networks/default\\"}]}"
finish "zones/$ZONE"
echo provisioning
. ./provision.sh
post "$compute/global/images" "{\\"name\\":\\"$IMAGE\\",\\"labels\\":$IMAGE_LABELS,\\"sourceImage\\":\\"$image\\"}"
finish global
curl -sS -X DELETE "$compute/zones/$ZONE/instances/$INSTANCE" >answer.json
finish "zones/$ZONE"
curl -sS -X DELETE "$compute/zones/$ZONE/disks/$INSTANCE" >answer.json
finish "zones/$ZONE"
`

/** A stage whose repository builds images. */
export interface ImageStage extends Stage {
  /** Asks for the image of the tag at hand, in the family ml-batch. */
  build(...args: readonly string[]): Promise<Ending>
  images(): Promise<readonly StoredImage[]>
  /** The image that the family leads to. */
  newest(): Promise<string | undefined>
}

interface StoredImage {
  readonly name: string
  readonly family?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly deprecated?: { readonly state: string; readonly deleted?: string; readonly replacement?: string }
}

export const buildArgs = [
  'build-image',
  '--template',
  'image.pkr.hcl',
  '--family',
  'ml-batch',
  '--json',
] as const

export async function setImageStage(options: EmulatorOptions = {}): Promise<ImageStage> {
  const stage = await setStage(options)
  await stage.write({
    'image.pkr.hcl': template,
    'make-image.sh': makeImage,
    'provision.sh': ':\n',
    '.gitignore': 'answer.json\ndone.json\n',
  })
  const ask = async <Answer>(path: string) =>
    (await (await fetch(`${stage.google.url}/compute/v1/projects/acme/${path}`)).json()) as Answer
  return {
    ...stage,
    build: (...args) =>
      stage.mayfly(...buildArgs, ...(args.includes('--zones') ? [] : ['--zones', 'us-central1-a']), ...args),
    async images() {
      const { items = [] } = await ask<{ items?: StoredImage[] }>('global/images')
      return items.filter(({ name }) => name !== 'mayfly-local')
    },
    newest: async () => (await ask<{ name?: string }>('global/images/family/ml-batch')).name,
    expectNothingLeft() {
      stage.expectNothingLeft()
      expect(stage.google.compute.disks()).toEqual([])
    },
  }
}
