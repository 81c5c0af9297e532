-- IAM permission changes: Policies that were attached to, detached from, written for or deleted from users, roles and groups.
-- tags: T1098.003, privilege escalation, iam policy
SELECT eventtime, useridentity.arn AS who, eventname,
       coalesce(element_at(requestparameters, 'userName'), element_at(requestparameters, 'roleName'), element_at(requestparameters, 'groupName')) AS whose,
       coalesce(element_at(requestparameters, 'policyArn'), element_at(requestparameters, 'policyName')) AS policy
FROM main
WHERE eventsource = 'iam.amazonaws.com' AND errorcode IS NULL
  AND regexp_like(eventname, '^(Attach|Detach|Put|Delete)(User|Role|Group)Policy$')
ORDER BY eventtime DESC
