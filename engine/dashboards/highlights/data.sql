-- AWSCloudTrail-Highlights | Highlights dashboard | Data

-- Data event spikes | Table
-- Principals with at least twice the data events in a service of the day before.
SELECT useridentity.arn AS userArn, eventsource AS eventSource, count_if(eventtime > CAST('$StartTime$' AS timestamp(3))) AS lastDay,
       count_if(eventtime <= CAST('$StartTime$' AS timestamp(3))) AS dayBefore
FROM $EventDataStoreId$
WHERE eventtime > CAST('$StartTime$' AS timestamp(3)) - INTERVAL '1' DAY AND eventtime < '$EndTime$'
  AND eventcategory = 'Data'
GROUP BY 1, 2
HAVING count_if(eventtime > CAST('$StartTime$' AS timestamp(3))) >= greatest(10, 2 * count_if(eventtime <= CAST('$StartTime$' AS timestamp(3))))
ORDER BY lastDay DESC, 1, 2
LIMIT 20
