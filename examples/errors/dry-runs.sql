-- Calls that only tried whether they would be allowed.
SELECT useridentity.arn AS who, eventname, errorcode, count(*) AS times
FROM main
WHERE errorcode IN ('Client.DryRunOperation', 'DryRunOperation')
GROUP BY 1, 2, 3
ORDER BY times DESC
