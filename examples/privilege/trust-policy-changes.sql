-- Trust policy changes: Roles whose trust policy was changed, with the principals that it now names.
-- tags: T1098, persistence, trust policy
SELECT eventtime, useridentity.arn AS who, element_at(requestparameters, 'roleName') AS role,
       json_query(element_at(requestparameters, 'policyDocument'), 'lax $.Statement[*].Principal' WITH ARRAY WRAPPER) AS principals
FROM main
WHERE eventname = 'UpdateAssumeRolePolicy' AND errorcode IS NULL
ORDER BY eventtime DESC
