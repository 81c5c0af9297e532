-- AWSCloudTrail-EnrichedEvents | Enriched events dashboard | Management

-- Enriched events over time | LineChart XAxisColumn=eventDate YAxisColumn=eventCount
-- Events with tags or condition keys over time.
-- tags: tagging, activity trend
SELECT date_trunc('$Period$', eventtime) AS eventDate, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventcontext IS NOT NULL
GROUP BY 1
ORDER BY 1

-- Most frequent resource tag key value pairs | Table
-- The tags of resources that occur most.
-- tags: tagging, resource tags
SELECT t.k AS tagKey, t.v AS tagValue, count(*) AS eventCount
FROM $EventDataStoreId$
CROSS JOIN UNNEST(eventcontext.tagcontext.resourcetags) AS r (arn, tags)
CROSS JOIN UNNEST(r.tags) AS t (k, v)
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
GROUP BY 1, 2
ORDER BY eventCount DESC, 1, 2
LIMIT 20

-- Most frequent resource tag key value pairs with associated resources and users | Table
-- The tags of resources that occur most, with the resources and who used them.
-- tags: tagging, resource tags
SELECT t.k AS tagKey, t.v AS tagValue, r.arn AS resourceArn, useridentity.arn AS userArn, count(*) AS eventCount
FROM $EventDataStoreId$
CROSS JOIN UNNEST(eventcontext.tagcontext.resourcetags) AS r (arn, tags)
CROSS JOIN UNNEST(r.tags) AS t (k, v)
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
GROUP BY 1, 2, 3, 4
ORDER BY eventCount DESC, 1, 2, 3, 4
LIMIT 20

-- Most frequent principal tag key value pairs | Table
-- The tags of principals that occur most.
-- tags: tagging, principal tags
SELECT t.k AS tagKey, t.v AS tagValue, count(*) AS eventCount
FROM $EventDataStoreId$
CROSS JOIN UNNEST(eventcontext.tagcontext.principaltags) AS t (k, v)
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
GROUP BY 1, 2
ORDER BY eventCount DESC, 1, 2
LIMIT 20

-- Most frequent access denied actions grouped by principal tag key value pairs | Table
-- What principals are refused most, by their tags.
-- tags: T1580, access denied, principal tags
SELECT eventname AS eventName, t.k AS tagKey, t.v AS tagValue, count(*) AS eventCount
FROM $EventDataStoreId$
CROSS JOIN UNNEST(eventcontext.tagcontext.principaltags) AS t (k, v)
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND regexp_like(errorcode, 'AccessDenied|Unauthorized')
GROUP BY 1, 2, 3
ORDER BY eventCount DESC, 1, 2, 3
LIMIT 20

-- Most frequent principal properties in IAM global condition keys | Table
-- The condition keys of principals and their values that occur most.
-- tags: condition keys, iam policy
SELECT t.k AS conditionKey, t.v AS conditionValue, count(*) AS eventCount
FROM $EventDataStoreId$
CROSS JOIN UNNEST(eventcontext.requestcontext) AS t (k, v)
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND regexp_like(t.k, '^aws:Principal')
GROUP BY 1, 2
ORDER BY eventCount DESC, 1, 2
LIMIT 20

-- Most frequent request properties in IAM global condition keys | Table
-- The condition keys of requests and their values that occur most.
-- tags: condition keys, iam policy
SELECT t.k AS conditionKey, t.v AS conditionValue, count(*) AS eventCount
FROM $EventDataStoreId$
CROSS JOIN UNNEST(eventcontext.requestcontext) AS t (k, v)
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND regexp_like(t.k, '^aws:(CalledVia|Request|Source|Secure|User|Via|CurrentTime|EpochTime|Tag|Referer)')
GROUP BY 1, 2
ORDER BY eventCount DESC, 1, 2
LIMIT 20

-- Most frequent role session properties in IAM global condition keys | Table
-- The condition keys of role sessions and their values that occur most.
-- tags: condition keys, role sessions
SELECT t.k AS conditionKey, t.v AS conditionValue, count(*) AS eventCount
FROM $EventDataStoreId$
CROSS JOIN UNNEST(eventcontext.requestcontext) AS t (k, v)
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND regexp_like(t.k, '^aws:(TokenIssueTime|MultiFactorAuth|FederatedProvider|AssumedRoot|ChatbotSourceArn|Ec2InstanceSource)')
GROUP BY 1, 2
ORDER BY eventCount DESC, 1, 2
LIMIT 20
