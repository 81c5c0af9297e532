-- AWSCloudTrail-Highlights | Highlights dashboard | Data

-- Rising data events | Table
-- Who uses the data of a service at least twice as much as the day before.
SELECT useridentity.arn AS userArn, eventsource AS eventSource, count_if(eventtime > CAST('$StartTime$' AS timestamp(3))) AS lastDay,
       count_if(eventtime <= CAST('$StartTime$' AS timestamp(3))) AS dayBefore
FROM $EventDataStoreId$
WHERE eventtime > CAST('$StartTime$' AS timestamp(3)) - INTERVAL '1' DAY AND eventtime < '$EndTime$'
  AND eventcategory = 'Data'
GROUP BY 1, 2
HAVING count_if(eventtime > CAST('$StartTime$' AS timestamp(3))) >= greatest(10, 2 * count_if(eventtime <= CAST('$StartTime$' AS timestamp(3))))
ORDER BY lastDay DESC, 1, 2
LIMIT 20
