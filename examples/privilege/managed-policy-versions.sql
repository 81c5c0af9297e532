-- Managed policy versions: New versions of managed policies, and changes of the default version.
-- tags: T1098.003, privilege escalation, policy version
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'policyArn') AS policy, element_at(requestparameters, 'setAsDefault') AS is_default
FROM main
WHERE eventsource = 'iam.amazonaws.com' AND eventname IN ('CreatePolicyVersion', 'SetDefaultPolicyVersion')
ORDER BY eventtime DESC
