-- Untagged resources: Existing resources without tags.
-- tags: tagging, compliance
SELECT eventdata.resourcetype AS kind, eventdata.resourceid AS id, eventdata.awsregion AS region, max(eventtime) AS recorded
FROM configuration
WHERE eventdata.configurationitemstatus IN ('OK', 'ResourceDiscovered') AND coalesce(cardinality(eventdata.tags), 0) = 0
GROUP BY 1, 2, 3
ORDER BY kind, id
