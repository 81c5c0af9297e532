-- New IAM roles: IAM roles that were created, with the principals in their trust policies.
-- tags: T1136.003, persistence, trust policy
SELECT eventtime, useridentity.arn AS by_whom, element_at(requestparameters, 'roleName') AS role,
       json_query(element_at(requestparameters, 'assumeRolePolicyDocument'), 'lax $.Statement[*].Principal' WITH ARRAY WRAPPER) AS trusts
FROM main
WHERE eventsource = 'iam.amazonaws.com' AND eventname IN ('CreateRole', 'CreateServiceLinkedRole') AND errorcode IS NULL
ORDER BY eventtime DESC
