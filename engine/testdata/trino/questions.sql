-- Statements over a store of generated events that auditlake and a Trino server answer alike, one a line.
SELECT count(*) FROM main
SELECT eventsource, count(*) FROM main GROUP BY 1
SELECT eventsource, eventname, count(*) AS n, count(DISTINCT useridentity.arn) FROM main GROUP BY 1, 2 ORDER BY n DESC, 1, 2 LIMIT 50
SELECT awsregion, approx_percentile(length(eventjson), 0.5) > 0, sum(length(eventjson)), max(length(eventjson)) FROM main GROUP BY 1
SELECT date_trunc('hour', eventtime), count(*) FROM main GROUP BY 1
SELECT date_format(eventtime, '%Y-%m-%d %H:%i'), count(*) FROM main WHERE errorcode IS NOT NULL GROUP BY 1
SELECT errorcode, count(*), min(eventtime), max(eventtime) FROM main GROUP BY 1
SELECT useridentity.type, useridentity.invokedby, count(*) FROM main GROUP BY 1, 2
SELECT useridentity.arn, count(*) FROM main WHERE errorcode IN ('AccessDenied', 'Client.UnauthorizedOperation') GROUP BY 1
SELECT useridentity.sessioncontext.sessionissuer.arn, count(*), count(DISTINCT sourceipaddress) FROM main WHERE useridentity.type = 'AssumedRole' GROUP BY 1
SELECT useridentity.sessioncontext.attributes.mfaauthenticated, count(*) FROM main GROUP BY 1
SELECT min(useridentity.sessioncontext.attributes.creationdate), max(useridentity.sessioncontext.attributes.creationdate), count(useridentity.sessioncontext.attributes.creationdate) FROM main
SELECT eventid, eventtime, eventname FROM main WHERE eventname = 'ConsoleLogin'
SELECT element_at(responseelements, 'ConsoleLogin'), count(*) FROM main WHERE eventname = 'ConsoleLogin' GROUP BY 1
SELECT element_at(requestparameters, 'bucketName'), count(*) FROM main WHERE eventsource = 's3.amazonaws.com' GROUP BY 1
SELECT element_at(requestparameters, 'bucketName') AS bucket, element_at(requestparameters, 'key'), eventid FROM main WHERE eventname = 'GetObject' AND errorcode IS NOT NULL
SELECT k, count(*) FROM main CROSS JOIN UNNEST(map_keys(requestparameters)) AS t (k) GROUP BY 1
SELECT k, count(*), count(v), sum(length(v)) FROM main CROSS JOIN UNNEST(responseelements) AS t (k, v) GROUP BY 1
SELECT k, count(*), count(DISTINCT v) FROM main CROSS JOIN UNNEST(additionaleventdata) AS t (k, v) GROUP BY 1
SELECT cardinality(requestparameters), cardinality(responseelements), cardinality(resources), count(*) FROM main GROUP BY 1, 2, 3
SELECT r.type, r.accountid, count(*), count(DISTINCT r.arn) FROM main CROSS JOIN UNNEST(resources) AS r (accountid, type, arn, arnprefix) GROUP BY 1, 2
SELECT resources[1].arn, count(*) FROM main WHERE cardinality(resources) > 0 GROUP BY 1
SELECT any_match(resources, r -> r.type = 'AWS::S3::Bucket'), count(*) FROM main GROUP BY 1
SELECT recipientaccountid, count(*) FROM main WHERE readonly GROUP BY 1
SELECT readonly, managementevent, count(*) FROM main GROUP BY 1, 2
SELECT eventtype, eventcategory, eventversion, count(*) FROM main GROUP BY 1, 2, 3
SELECT tlsdetails.tlsversion, tlsdetails.ciphersuite, count(*) FROM main GROUP BY 1, 2
SELECT vpcendpointid, sharedeventid, count(*) FROM main GROUP BY 1, 2
SELECT sessioncredentialfromconsole, count(*) FROM main GROUP BY 1
SELECT sourceipaddress, count(*) FROM main WHERE sourceipaddress LIKE '%.amazonaws.com' GROUP BY 1
SELECT useragent, count(*) FROM main WHERE lower(useragent) LIKE '%aws-cli%' GROUP BY 1
SELECT regexp_extract(useragent, '^[A-Za-z0-9_-]+'), count(*) FROM main GROUP BY 1
SELECT json_extract_scalar(eventjson, '$.userIdentity.type'), useridentity.type, count(*) FROM main GROUP BY 1, 2
SELECT count(*) FROM main WHERE json_extract_scalar(eventjson, '$.eventID') = eventid
SELECT count(*) FROM main WHERE from_iso8601_timestamp(json_extract_scalar(eventjson, '$.eventTime')) = eventtime AT TIME ZONE 'UTC'
SELECT to_hex(md5(to_utf8(eventjson))) FROM main WHERE eventname LIKE 'Create%'
SELECT checksum(eventid) = checksum(eventid), count(DISTINCT eventid), count(DISTINCT eventjson) FROM main
SELECT errormessage, count(*) FROM main WHERE errormessage IS NOT NULL GROUP BY 1
SELECT eventname, errorcode, count(*) FROM main GROUP BY GROUPING SETS ((eventname), (errorcode), ())
SELECT a.eventname, count(*) FROM main a JOIN main b ON a.useridentity.accesskeyid = b.useridentity.accesskeyid AND a.eventtime < b.eventtime WHERE b.errorcode = 'AccessDenied' GROUP BY 1
SELECT count(*) FROM main WHERE useridentity.accesskeyid IN (SELECT useridentity.accesskeyid FROM main WHERE errorcode = 'AccessDenied')
SELECT useridentity.arn, count(*) FROM main GROUP BY 1 HAVING count(*) > (SELECT count(*) / 100 FROM main)
SELECT eventid, lag(eventname) OVER (PARTITION BY useridentity.accesskeyid ORDER BY eventtime, eventid) FROM main WHERE useridentity.accesskeyid IS NOT NULL AND awsregion = 'us-east-1'
SELECT eventname, n FROM (SELECT eventname, count(*) AS n, rank() OVER (ORDER BY count(*) DESC, eventname) AS place FROM main GROUP BY 1) WHERE place <= 20
SELECT eventid FROM main WHERE eventtime = (SELECT max(eventtime) FROM main)
SELECT eventid FROM main WHERE eventtime = (SELECT min(eventtime) FROM main)
SELECT eventsource FROM main WHERE readonly EXCEPT SELECT eventsource FROM main WHERE NOT readonly
SELECT count(*) FROM main WHERE requestparameters IS NULL AND responseelements IS NOT NULL
SELECT count(*) FROM main WHERE element_at(requestparameters, 'nothing') IS NULL AND requestparameters IS NOT NULL
SELECT count(useridentity), count(useridentity.sessioncontext), count(useridentity.sessioncontext.webidfederationdata), count(useridentity.onbehalfof), count(eventcontext), count(tlsdetails) FROM main
SELECT edgedevicedetails, addendum, count(*) FROM main GROUP BY 1, 2
SELECT apiversion, eventcategory, annotation FROM (SELECT apiversion, eventcategory, element_at(addendum, 'reason') AS annotation FROM main) GROUP BY 1, 2, 3
