# Walks through the pages of a running `auditlake serve` with the AWS CLI that $AWS names and its usual retries.
# The environment names server and key. Prints one item a line, after the operation's name.
set -euo pipefail
ct() { "$AWS" --endpoint-url "$AWS_ENDPOINT_URL" cloudtrail "$@"; }

ct lookup-events --page-size 5 --query 'Events[].[EventId]' --output text | sed 's/^/LookupEvents /'

# The second command continues after the first, from a token that the CLI made.
first=$(ct list-imports --page-size 1 --max-items 2 --output json)
rest=$(ct list-imports --page-size 1 --starting-token "$(jq -r .NextToken <<<"$first")" --output json)
jq -r '.Imports[] | "ListImports " + .ImportId' <<<"$first$rest"
