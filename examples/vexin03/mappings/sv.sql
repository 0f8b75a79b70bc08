-- dataset: SV
-- label: Subject Visits
-- keys: STUDYID, USUBJID, VISITNUM
-- A visit took place if vital signs were measured, blood was drawn or a question was answered. It is derived from VS, LB
-- and QS, which have cleaned dates and visit numbers. Planned visits (those with a VISITDY) say whether they occurred.
WITH records AS (
  SELECT STUDYID, USUBJID, VISITNUM, VISIT, VISITDY, substr(VSDTC, 1, 10) AS DTC, VSDY AS DY, VSSTAT IS NULL AS DONE
  FROM sdtm.VS
  UNION ALL
  SELECT STUDYID, USUBJID, VISITNUM, VISIT, NULL, substr(LBDTC, 1, 10), LBDY, true
  FROM sdtm.LB
  UNION ALL
  SELECT STUDYID, USUBJID, VISITNUM, VISIT, NULL, QSDTC, QSDY, true
  FROM sdtm.QS
), visits AS (
  SELECT STUDYID, USUBJID, VISITNUM, VISIT,
         max(max(VISITDY)) OVER (PARTITION BY VISITNUM) AS VISITDY,
         bool_or(DONE) AS OCCURRED,
         min(DTC) FILTER (WHERE DONE) AS SVSTDTC,
         max(DTC) FILTER (WHERE DONE) AS SVENDTC,
         min(DY) FILTER (WHERE DONE) AS SVSTDY,
         max(DY) FILTER (WHERE DONE) AS SVENDY
  FROM records
  GROUP BY STUDYID, USUBJID, VISITNUM, VISIT
)
SELECT STUDYID,
       'SV' AS DOMAIN,
       USUBJID,
       VISITNUM,
       VISIT,
       CASE WHEN VISITDY IS NOT NULL THEN 'Y' END AS SVPRESP,
       CASE WHEN VISITDY IS NOT NULL THEN CASE WHEN OCCURRED THEN 'Y' ELSE 'N' END END AS SVOCCUR,
       VISITDY,
       SVSTDTC,
       SVENDTC,
       SVSTDY,
       SVENDY
FROM visits
ORDER BY STUDYID, USUBJID, VISITNUM
