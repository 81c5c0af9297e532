-- Explicit denies: Calls that an explicit deny rejected, with the kind of policy.
-- tags: access denied, policy evaluation
SELECT regexp_extract(errormessage, 'explicit deny in an? ([a-z -]+ policy)', 1) AS policy_kind, useridentity.arn AS who, eventname, count(*) AS times
FROM main
WHERE errormessage LIKE '%explicit deny%'
GROUP BY 1, 2, 3
ORDER BY times DESC
