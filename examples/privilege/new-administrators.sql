-- New administrators: Principals that received the AdministratorAccess policy or an inline policy that allows every action.
-- tags: T1098.003, privilege escalation, administrator access
SELECT eventtime, useridentity.arn AS who, eventname,
       coalesce(element_at(requestparameters, 'userName'), element_at(requestparameters, 'roleName'), element_at(requestparameters, 'groupName')) AS whose
FROM main
WHERE eventsource = 'iam.amazonaws.com' AND errorcode IS NULL
  AND (element_at(requestparameters, 'policyArn') LIKE '%:policy/AdministratorAccess'
    OR regexp_like(element_at(requestparameters, 'policyDocument'), '"Action"\s*:\s*"\*"'))
ORDER BY eventtime DESC
