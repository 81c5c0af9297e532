-- Activity by account: Calls, changes, errors and callers of each account.
-- tags: account activity, governance
SELECT recipientaccountid AS member, count(*) AS calls, count_if(NOT readonly) AS changes, count_if(errorcode IS NOT NULL) AS failed, count(DISTINCT useridentity.arn) AS callers
FROM main
GROUP BY 1
ORDER BY calls DESC
