-- New versions of managed policies that are in force at once.
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'policyArn') AS policy, element_at(requestparameters, 'setAsDefault') AS is_default
FROM main
WHERE eventsource = 'iam.amazonaws.com' AND eventname IN ('CreatePolicyVersion', 'SetDefaultPolicyVersion')
ORDER BY eventtime DESC
