-- Evidence sources: Evidence by data source and type.
-- tags: audit manager, evidence collection
SELECT eventdata.datasource AS data_source, eventdata.evidencebytype AS kind, count(*) AS pieces, max(eventdata.time) AS latest
FROM evidence
GROUP BY 1, 2
ORDER BY pieces DESC
