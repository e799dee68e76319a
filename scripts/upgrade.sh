#!/bin/sh
# Upgrades a Kiln of docker-compose.yml: the API is away for seconds, no call is cut, and the quota stays in use.
# docs/containers.md explains the order. Files, project and profiles of another setup are given as Docker Compose
# takes them from the environment: COMPOSE_FILE, COMPOSE_PROJECT_NAME, COMPOSE_PROFILES.
#   scripts/upgrade.sh               builds the image, or pulls it where KILN_IMAGE names a registry
#   scripts/upgrade.sh --no-build    uses the image as it is on this machine
set -eu
[ -n "${COMPOSE_FILE:-}" ] || cd "$(dirname "$0")/.."
say() { printf '== %s\n' "$*"; }
trial=
end_trial() { [ -z "$trial" ] || docker rm -f "$trial" >/dev/null 2>&1 || true; }
trap end_trial EXIT
trap 'exit 1' INT TERM

[ -n "$(docker compose ps -q api)" ] || { echo 'Kiln does not run here: docker compose up -d --wait starts it' >&2; exit 1; }
workers=$(docker compose ps -q worker)
[ -n "$workers" ] || { echo 'no worker runs: start one, or use docker compose up -d --wait' >&2; exit 1; }
count=$(echo "$workers" | wc -l)

image=$(docker compose config api | sed -n "/^  api:/,/^  [a-z]/s/^    image: //p")
case "${1:-}/$image" in
  --no-build/*) say 'the image of this machine is used' ;;
  /*/*) say 'pulling the image' && docker compose pull api ;;
  *) say 'building the image' && docker compose build api ;;
esac

say 'trying the new image beside the old one; this brings the database up to date'
trial=$(docker compose run -d --no-deps api)
tries=0
until [ "$(docker inspect --format '{{.State.Health.Status}}' "$trial")" = healthy ]; do
  tries=$((tries + 1))
  if [ $tries -gt 300 ] || [ "$(docker inspect --format '{{.State.Status}}' "$trial")" != running ]; then
    echo 'the new image does not start; the old one goes on. It said:' >&2
    docker logs --tail 20 "$trial" >&2
    exit 1
  fi
  sleep 1
done

say 'replacing the API'
docker compose up -d --no-deps --no-build --timeout 2 --wait api
end_trial; trial=

say "starting $count new worker(s) beside the old"
docker compose up -d --no-deps --no-build --no-recreate --scale worker=$((count * 2)) --wait worker
say 'stopping the old worker(s): they finish the calls under way'
# All stop at once, and each waits for its own calls, at most for the stop_grace_period.
echo "$workers" | xargs docker stop >/dev/null
echo "$workers" | xargs docker rm >/dev/null
say 'done'
docker compose ps
