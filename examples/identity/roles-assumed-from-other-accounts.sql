-- Roles assumed from other accounts: Roles that principals of other accounts assumed, by calling account.
-- tags: T1199, T1078.004, lateral movement, cross-account access
SELECT useridentity.accountid AS from_account, element_at(requestparameters, 'roleArn') AS role, count(*) AS times, max(eventtime) AS latest
FROM main
WHERE eventname = 'AssumeRole' AND errorcode IS NULL
  AND useridentity.accountid <> recipientaccountid
GROUP BY 1, 2
ORDER BY times DESC
