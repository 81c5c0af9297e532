-- Service control policies that were detached, deleted or rewritten.
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'policyId') AS guard_rail, element_at(requestparameters, 'targetId') AS target
FROM main
WHERE eventsource = 'organizations.amazonaws.com' AND eventname IN ('DetachPolicy', 'DeletePolicy', 'UpdatePolicy', 'DisablePolicyType')
ORDER BY eventtime DESC
