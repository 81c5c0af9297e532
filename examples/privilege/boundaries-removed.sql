-- Permissions boundaries that were taken away, or replaced.
SELECT eventtime, useridentity.arn AS by_whom, eventname, coalesce(element_at(requestparameters, 'userName'), element_at(requestparameters, 'roleName')) AS of_whom
FROM main
WHERE eventsource = 'iam.amazonaws.com' AND eventname IN ('DeleteUserPermissionsBoundary', 'DeleteRolePermissionsBoundary', 'PutUserPermissionsBoundary', 'PutRolePermissionsBoundary')
ORDER BY eventtime DESC
