#!/bin/sh
# Cloud Scheduler starts a workflow of GitHub's every night, by the request behind its "Run workflow" button. In the
# environment: GITHUB_TOKEN, fine-grained, for this one repository, with "Actions: read and write".
set -eu

gcloud scheduler jobs create http nightly-train \
  --project=acme-ml \
  --location=us-central1 \
  --schedule='30 2 * * *' \
  --time-zone=Etc/UTC \
  --uri=https://api.github.com/repos/acme/recommender/actions/workflows/nightly.yml/dispatches \
  --http-method=post \
  --headers="Authorization=Bearer $GITHUB_TOKEN,Accept=application/vnd.github+json,Content-Type=application/json,X-GitHub-Api-Version=2022-11-28" \
  --message-body='{"ref":"main"}' \
  --attempt-deadline=30s \
  --max-retry-attempts=3
