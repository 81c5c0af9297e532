-- Organization policies weakened: Service control and other organization policies that were detached, deleted, updated or disabled.
-- tags: T1484, defense evasion, guardrails
SELECT eventtime, useridentity.arn AS by_whom, eventname, element_at(requestparameters, 'policyId') AS guard_rail, element_at(requestparameters, 'targetId') AS target
FROM main
WHERE eventsource = 'organizations.amazonaws.com' AND eventname IN ('DetachPolicy', 'DeletePolicy', 'UpdatePolicy', 'DisablePolicyType')
ORDER BY eventtime DESC
