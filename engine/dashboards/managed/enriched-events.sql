-- AWSCloudTrail-EnrichedEvents | Enriched events dashboard | Management

-- Enriched events over time | LineChart XAxisColumn=eventDate YAxisColumn=eventCount
-- Events with tags or condition keys, over time.
-- tags: tagging, activity trend
SELECT date_trunc('$Period$', eventtime) AS eventDate, count(*) AS eventCount
FROM $EventDataStoreId$
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND eventcontext IS NOT NULL
GROUP BY 1
ORDER BY 1

-- Most frequent resource tag key value pairs | Table
-- The most frequent resource tags.
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
-- The most frequent resource tags, with their resources and the users of these.
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
-- The most frequent principal tags.
-- tags: tagging, principal tags
SELECT t.k AS tagKey, t.v AS tagValue, count(*) AS eventCount
FROM $EventDataStoreId$
CROSS JOIN UNNEST(eventcontext.tagcontext.principaltags) AS t (k, v)
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
GROUP BY 1, 2
ORDER BY eventCount DESC, 1, 2
LIMIT 20

-- Most frequent access denied actions grouped by principal tag key value pairs | Table
-- The actions that are denied most often, by principal tag.
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
-- The most frequent IAM condition keys of principals, with their values.
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
-- The most frequent IAM condition keys of requests, with their values.
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
-- The most frequent IAM condition keys of role sessions, with their values.
-- tags: condition keys, role sessions
SELECT t.k AS conditionKey, t.v AS conditionValue, count(*) AS eventCount
FROM $EventDataStoreId$
CROSS JOIN UNNEST(eventcontext.requestcontext) AS t (k, v)
WHERE eventtime > '$StartTime$' AND eventtime < '$EndTime$'
  AND regexp_like(t.k, '^aws:(TokenIssueTime|MultiFactorAuth|FederatedProvider|AssumedRoot|ChatbotSourceArn|Ec2InstanceSource)')
GROUP BY 1, 2
ORDER BY eventCount DESC, 1, 2
LIMIT 20
