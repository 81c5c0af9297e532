-- Roles that principals of other accounts took on, and which accounts those are.
SELECT useridentity.accountid AS from_account, element_at(requestparameters, 'roleArn') AS role, count(*) AS times, max(eventtime) AS latest
FROM main
WHERE eventname = 'AssumeRole' AND errorcode IS NULL
  AND useridentity.accountid <> recipientaccountid
GROUP BY 1, 2
ORDER BY times DESC
