-- Managed policies detached: Managed policies that were detached from users, roles and groups.
-- tags: T1098, iam policy, permission changes
SELECT eventtime, useridentity.arn AS by_whom, eventname, coalesce(element_at(requestparameters, 'userName'), element_at(requestparameters, 'roleName'), element_at(requestparameters, 'groupName')) AS of_whom, element_at(requestparameters, 'policyArn') AS policy
FROM main
WHERE eventsource = 'iam.amazonaws.com' AND eventname IN ('DetachUserPolicy', 'DetachRolePolicy', 'DetachGroupPolicy')
ORDER BY eventtime DESC
