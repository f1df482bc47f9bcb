#!/usr/bin/env bash
# Moves every subscription that can move from one account to another, on two sandboxes that are served on this computer, and
# checks two months later that each customer has paid once for each period, by the right side. The README explains each step
# ("From one Stripe account to another").
#
#   examples/stripe-to-stripe/move.sh DIRECTORY [SUBSCRIPTIONS]
#
# DIRECTORY is made. MIGRATE and STRIPE_TO_STRIPE name the two programs; without them they are built.
set -euo pipefail

[ $# -ge 1 ] || { echo "usage: $0 DIRECTORY [SUBSCRIPTIONS]" >&2; exit 2; }
repository=$(cd "$(dirname "$0")/../.." && pwd)
programs=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$programs"' EXIT
if [ -z "${MIGRATE:-}" ]; then
	(cd "$repository" && go build -o "$programs/" ./cmd/migrate ./examples/stripe-to-stripe)
	MIGRATE=$programs/migrate STRIPE_TO_STRIPE=$programs/stripe-to-stripe
fi
migrate() { "$MIGRATE" "$@"; }

"$STRIPE_TO_STRIPE" make "$1" "${2:-58}"
cd "$1"
export STRIPE_SOURCE_API_KEY=rk_test_old STRIPE_API_KEY=sk_test_new XDG_STATE_HOME="$PWD/state"

# serve serves both accounts and puts their addresses into old and new.
serve() {
	"$MIGRATE" sandbox serve --state old --sandbox-data source.json --addr 127.0.0.1:0 "$@" >old.address 2>>sandboxes.log &
	"$MIGRATE" sandbox serve --state new --sandbox-data destination.json --addr 127.0.0.1:0 "$@" >new.address 2>>sandboxes.log &
	until [ -s old.address ] && [ -s new.address ]; do sleep 0.1; done
	old=$(cat old.address) new=$(cat new.address)
}

serve
migrate map propose --api-base "$new" --source-api-base "$old" --out proposed.csv
sed 's/,,sure,/,yes,sure,/' proposed.csv >prices.csv # a person would read each line
migrate export toolkit --api-base "$old" --map prices.csv --customers copy.csv --decisions decisions.csv --out subs.csv
migrate validate --online --sandbox --api-base "$new" --source-api-base "$old" --account acct_sandboxNewCompany --map prices.csv --amount-unit minor --limit 3 subs.csv
migrate plan --sandbox --api-base "$new" --source-api-base "$old" --amount-unit minor --out plan.json subs.csv >plan.txt
migrate run --sandbox --api-base "$new" --source-api-base "$old" --yes plan.json
id=$(migrate list -o json | sed -n 's/.*"id": "\(mig_[a-z0-9]*\)".*/\1/p' | head -1)
both=(--api-base "$new" --source-api-base "$old")
migrate verify "${both[@]}" --map prices.csv --decisions decisions.csv --out proof "$id"
migrate cutover "${both[@]}" --map prices.csv --decisions decisions.csv "$id"
migrate cutover "${both[@]}" --map prices.csv --decisions decisions.csv --apply --confirm acct_sandboxOldCompany "$id"
migrate status --who-bills "${both[@]}" "$id"

# Two months later, on both clocks.
kill $(jobs -p)
wait || true
rm old.address new.address
serve --now "$("$STRIPE_TO_STRIPE" later 61)"
both=(--api-base "$new" --source-api-base "$old")
"$STRIPE_TO_STRIPE" check . "$old" "$new"
migrate status --who-bills "${both[@]}" "$id"
migrate monitor --api-base "$new" "$id"
