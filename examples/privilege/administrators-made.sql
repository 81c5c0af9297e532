-- Principals that were made administrators: by the managed policy, or by an inline policy that allows everything.
SELECT eventtime, useridentity.arn AS who, eventname,
       coalesce(element_at(requestparameters, 'userName'), element_at(requestparameters, 'roleName'), element_at(requestparameters, 'groupName')) AS whose
FROM main
WHERE eventsource = 'iam.amazonaws.com' AND errorcode IS NULL
  AND (element_at(requestparameters, 'policyArn') LIKE '%:policy/AdministratorAccess'
    OR regexp_like(element_at(requestparameters, 'policyDocument'), '"Action"\s*:\s*"\*"'))
ORDER BY eventtime DESC
