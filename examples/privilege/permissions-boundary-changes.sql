-- Permissions boundary changes: Permissions boundaries that were set, replaced or deleted.
-- tags: T1098.003, privilege escalation, permissions boundary
SELECT eventtime, useridentity.arn AS by_whom, eventname, coalesce(element_at(requestparameters, 'userName'), element_at(requestparameters, 'roleName')) AS of_whom
FROM main
WHERE eventsource = 'iam.amazonaws.com' AND eventname IN ('DeleteUserPermissionsBoundary', 'DeleteRolePermissionsBoundary', 'PutUserPermissionsBoundary', 'PutRolePermissionsBoundary')
ORDER BY eventtime DESC
