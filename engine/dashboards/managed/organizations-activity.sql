-- AWSCloudTrail-OrganizationsActivity | Organizations activity dashboard | Management

-- Activity trend in the organization | LineChart XAxisColumn=eventDate YAxisColumn=eventCount
-- Events of the whole organization over time.
-- tags: account activity, activity trend
SELECT date_trunc('$Period$', eventtime) AS eventDate, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
GROUP BY 1
ORDER BY 1

-- Member account management summary | PieChart LabelColumn=eventName ValueColumn=eventCount
-- Actions on member accounts, by number of calls.
-- tags: account lifecycle, governance
SELECT eventname AS eventName, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'organizations.amazonaws.com'
  AND regexp_like(eventname, '^(CreateAccount|CreateGovCloudAccount|CloseAccount|InviteAccountToOrganization|MoveAccount|RemoveAccountFromOrganization|LeaveOrganization)$')
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 20

-- Most used services across organization | BarChart LabelColumn=service ValueColumn=eventCount Orientation=Horizontal
-- The services that are called most often.
-- tags: account activity, service usage
SELECT replace(eventsource, '.amazonaws.com') AS service, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND recipientaccountid IS NOT NULL
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Most active accounts by service | Table
-- The accounts and services with the most events.
-- tags: account activity, service usage
SELECT recipientaccountid AS accountId, replace(eventsource, '.amazonaws.com') AS service, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
GROUP BY 1, 2
ORDER BY eventCount DESC, 1, 2
LIMIT 20

-- Most used APIs across organization | BarChart LabelColumn=api ValueColumn=eventCount Orientation=Horizontal
-- The APIs that are called most often.
-- tags: account activity, api usage
SELECT concat(replace(eventsource, '.amazonaws.com'), ':', eventname) AS api, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Most active member accounts | BarChart LabelColumn=accountId ValueColumn=eventCount Orientation=Horizontal
-- The accounts with the most events.
-- tags: account activity, governance
SELECT recipientaccountid AS accountId, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Access denied errors trend across the organization | LineChart XAxisColumn=eventDate YAxisColumn=eventCount
-- Denied calls over time.
-- tags: T1580, access denied, discovery
SELECT date_trunc('$Period$', eventtime) AS eventDate, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND regexp_like(errorcode, 'AccessDenied|Unauthorized')
GROUP BY 1
ORDER BY 1

-- Accounts with most access denied errors | BarChart LabelColumn=accountId ValueColumn=eventCount Orientation=Horizontal
-- The accounts with the most denied calls.
-- tags: T1580, access denied, discovery
SELECT recipientaccountid AS accountId, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND regexp_like(errorcode, 'AccessDenied|Unauthorized')
GROUP BY 1
ORDER BY eventCount DESC, 1
LIMIT 10

-- Recent service control policy changes | Table
-- The latest changes to service control policies.
-- tags: T1484, defense evasion, guardrails
SELECT eventtime AS eventTime, eventname AS eventName, useridentity.arn AS userArn, element_at(requestparameters, 'policyId') AS policyId, element_at(requestparameters, 'targetId') AS targetId
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventsource = 'organizations.amazonaws.com'
  AND eventname IN ('CreatePolicy', 'UpdatePolicy', 'DeletePolicy', 'AttachPolicy', 'DetachPolicy')
ORDER BY eventtime DESC
LIMIT 100
