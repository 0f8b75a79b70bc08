<?xml version="1.0" encoding="UTF-8"?>
<!-- Trialmill's stylesheet for Define-XML 2.0 and 2.1: one HTML page without scripts. XSLT 1.0.
     The def: namespace differs between the versions, so its elements and attributes are found by local name.
     Links jump to OIDs; anchors are made of OIDs too, so that the same file gives the same page. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:odm="http://www.cdisc.org/ns/odm/v1.3" xmlns:xlink="http://www.w3.org/1999/xlink"
    exclude-result-prefixes="odm xlink">
<xsl:output method="html" encoding="UTF-8" indent="no" doctype-system="about:legacy-compat"/>
<xsl:strip-space elements="*"/>

<xsl:key name="item" match="odm:ItemDef" use="@OID"/>
<xsl:key name="codelist" match="odm:CodeList" use="@OID"/>
<xsl:key name="method" match="odm:MethodDef" use="@OID"/>
<xsl:key name="comment" match="*[local-name()='CommentDef']" use="@OID"/>
<xsl:key name="where" match="*[local-name()='WhereClauseDef']" use="@OID"/>
<xsl:key name="values" match="*[local-name()='ValueListDef']" use="@OID"/>
<xsl:key name="leaf" match="*[local-name()='leaf']" use="@ID"/>
<xsl:key name="standard" match="*[local-name()='Standard']" use="@OID"/>
<xsl:key name="references" match="odm:ItemRef" use="@ItemOID"/>
<xsl:key name="items-of-codelist" match="odm:ItemDef" use="odm:CodeListRef/@CodeListOID"/>
<xsl:key name="items-of-values" match="odm:ItemDef" use="*[local-name()='ValueListRef']/@ValueListOID"/>

<xsl:variable name="meta" select="/odm:ODM/odm:Study[1]/odm:MetaDataVersion[1]"/>
<xsl:variable name="groups" select="$meta/odm:ItemGroupDef"/>
<xsl:variable name="terms" select="$meta/odm:CodeList[not(odm:ExternalCodeList)]"/>
<xsl:variable name="dictionaries" select="$meta/odm:CodeList[odm:ExternalCodeList]"/>
<xsl:variable name="standards" select="$meta/*[local-name()='Standards']/*[local-name()='Standard']"/>
<xsl:variable name="comments" select="$meta/*[local-name()='CommentDef']"/>
<xsl:variable name="documents" select="$meta/*[local-name()='leaf']"/>

<xsl:template match="/">
  <xsl:variable name="global" select="/odm:ODM/odm:Study[1]/odm:GlobalVariables"/>
  <html lang="en">
    <head>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <title><xsl:value-of select="$global/odm:StudyName"/>: data definitions</title>
      <style><xsl:call-template name="css"/></style>
    </head>
    <body>
      <xsl:call-template name="navigation"/>
      <main>
        <header id="top">
          <h1><xsl:value-of select="$global/odm:StudyName"/></h1>
          <p class="lead"><xsl:value-of select="$global/odm:StudyDescription"/></p>
          <dl class="facts">
            <dt>Protocol</dt><dd><xsl:value-of select="$global/odm:ProtocolName"/></dd>
            <dt>Metadata</dt><dd><xsl:value-of select="$meta/@Name"/></dd>
            <dt>Define-XML</dt><dd><xsl:value-of select="$meta/@*[local-name()='DefineVersion']"/>
              <xsl:if test="/odm:ODM/@*[local-name()='Context']"> (<xsl:value-of select="/odm:ODM/@*[local-name()='Context']"/>)</xsl:if></dd>
            <xsl:if test="$meta/@*[local-name()='StandardName']">
              <dt>Standard</dt><dd><xsl:value-of select="$meta/@*[local-name()='StandardName']"/>&#160;<xsl:value-of select="$meta/@*[local-name()='StandardVersion']"/></dd>
            </xsl:if>
            <dt>Created</dt><dd><xsl:value-of select="/odm:ODM/@CreationDateTime"/>
              <xsl:if test="/odm:ODM/@SourceSystem"> by <xsl:value-of select="/odm:ODM/@SourceSystem"/>&#160;<xsl:value-of select="/odm:ODM/@SourceSystemVersion"/></xsl:if></dd>
          </dl>
          <xsl:call-template name="comment-of"><xsl:with-param name="node" select="$meta"/></xsl:call-template>
        </header>
        <xsl:call-template name="standards-section"/>
        <xsl:call-template name="documents-section"/>
        <xsl:call-template name="datasets-section"/>
        <xsl:apply-templates select="$groups"/>
        <xsl:call-template name="codelists-section"/>
        <xsl:call-template name="dictionaries-section"/>
        <xsl:call-template name="methods-section"/>
        <xsl:call-template name="comments-section"/>
      </main>
    </body>
  </html>
</xsl:template>

<!-- Navigation -->
<xsl:template name="navigation">
  <nav>
    <a class="home" href="#top"><xsl:value-of select="/odm:ODM/odm:Study[1]/odm:GlobalVariables/odm:StudyName"/></a>
    <xsl:if test="$standards"><a href="#standards">Standards</a></xsl:if>
    <xsl:if test="$documents"><a href="#documents">Documents</a></xsl:if>
    <a href="#datasets">Datasets</a>
    <ul>
      <xsl:for-each select="$groups">
        <li><a><xsl:call-template name="jump"/><b><xsl:value-of select="@Name"/></b>&#160;<span><xsl:call-template name="text-of"/></span></a></li>
      </xsl:for-each>
    </ul>
    <xsl:if test="$terms">
      <a href="#codelists">Codelists</a>
      <ul class="long">
        <xsl:for-each select="$terms"><xsl:sort select="@Name"/><li><a><xsl:call-template name="jump"/><xsl:value-of select="@Name"/></a></li></xsl:for-each>
      </ul>
    </xsl:if>
    <xsl:if test="$dictionaries"><a href="#dictionaries">Dictionaries</a></xsl:if>
    <xsl:if test="$meta/odm:MethodDef"><a href="#methods">Methods</a></xsl:if>
    <xsl:if test="$comments"><a href="#comments">Comments</a></xsl:if>
  </nav>
</xsl:template>

<!-- Standards, documents -->
<xsl:template name="standards-section">
  <xsl:if test="$standards">
    <section id="standards"><h2>Standards</h2>
      <table><thead><tr><th>Standard</th><th>Type</th><th>Version</th><th>Status</th><th>Comment</th></tr></thead><tbody>
        <xsl:for-each select="$standards">
          <tr><xsl:call-template name="anchor"/>
            <td><xsl:value-of select="@Name"/>&#160;<xsl:value-of select="@PublishingSet"/></td><td><xsl:value-of select="@Type"/></td>
            <td><xsl:value-of select="@Version"/></td><td><xsl:value-of select="@Status"/></td>
            <td><xsl:call-template name="comment-of"/></td></tr>
        </xsl:for-each>
      </tbody></table>
    </section>
  </xsl:if>
</xsl:template>

<xsl:template name="documents-section">
  <xsl:if test="$documents">
    <section id="documents"><h2>Documents</h2><ul>
      <xsl:for-each select="$documents">
        <li><xsl:call-template name="link-to-leaf"/>
          <xsl:if test="$meta/*[local-name()='AnnotatedCRF']/*[@leafID=current()/@ID]"> (annotated CRF)</xsl:if></li>
      </xsl:for-each>
    </ul></section>
  </xsl:if>
</xsl:template>

<!-- Datasets -->
<xsl:template name="datasets-section">
  <section id="datasets"><h2>Datasets</h2>
    <table><thead><tr><th>Dataset</th><th>Description</th><th>Class</th><th>Structure</th><th>Purpose</th><th>Keys</th><th>Standard</th><th>Documentation</th><th>File</th></tr></thead>
    <tbody>
      <xsl:for-each select="$groups">
        <tr>
          <td><a><xsl:call-template name="jump"/><b><xsl:value-of select="@Name"/></b></a></td>
          <td><xsl:call-template name="text-of"/></td>
          <td><xsl:call-template name="class-of"/></td>
          <td><xsl:value-of select="@*[local-name()='Structure']"/></td>
          <td><xsl:value-of select="@Purpose"/></td>
          <td><xsl:call-template name="keys-of"/></td>
          <td><xsl:call-template name="standard-of"/></td>
          <td><xsl:if test="@*[local-name()='HasNoData']='Yes'"><span class="mark">no data</span></xsl:if>
            <xsl:call-template name="comment-of"/></td>
          <td><xsl:for-each select="*[local-name()='leaf']"><xsl:call-template name="link-to-leaf"/></xsl:for-each></td>
        </tr>
      </xsl:for-each>
    </tbody></table>
  </section>
</xsl:template>

<xsl:template name="class-of">
  <xsl:value-of select="@*[local-name()='Class']"/>
  <xsl:for-each select="*[local-name()='Class']">
    <xsl:value-of select="@Name"/>
    <xsl:for-each select="*[local-name()='SubClass']"><br/><xsl:value-of select="@Name"/></xsl:for-each>
  </xsl:for-each>
</xsl:template>

<xsl:template name="keys-of">
  <xsl:for-each select="odm:ItemRef[@KeySequence]">
    <xsl:sort select="@KeySequence" data-type="number"/>
    <xsl:if test="position() &gt; 1">, </xsl:if>
    <xsl:value-of select="key('item', @ItemOID)/@Name"/>
  </xsl:for-each>
</xsl:template>

<xsl:template name="standard-of">
  <xsl:variable name="standard" select="key('standard', @*[local-name()='StandardOID'])"/>
  <xsl:if test="$standard"><xsl:value-of select="normalize-space(concat($standard/@Name, ' ', $standard/@PublishingSet, ' ', $standard/@Version))"/></xsl:if>
  <xsl:if test="@*[local-name()='IsNonStandard']='Yes'"><span class="mark">non-standard</span></xsl:if>
</xsl:template>

<xsl:template match="odm:ItemGroupDef">
  <section><xsl:call-template name="anchor"/>
    <h2><xsl:value-of select="@Name"/>: <xsl:call-template name="text-of"/></h2>
    <p class="sub"><xsl:call-template name="class-of"/> · <xsl:value-of select="@*[local-name()='Structure']"/>
      <xsl:if test="@Domain and @Domain != @Name"> · domain <xsl:value-of select="@Domain"/>
        <xsl:if test="odm:Alias[@Context='DomainDescription']"> (<xsl:value-of select="odm:Alias[@Context='DomainDescription']/@Name"/>)</xsl:if></xsl:if>
      <xsl:for-each select="*[local-name()='leaf']"> · <xsl:call-template name="link-to-leaf"/></xsl:for-each></p>
    <xsl:call-template name="comment-of"/>
    <table class="items">
      <thead><tr><th>Variable</th><th>Label</th><th>Key</th><th>Type</th><th>Length</th><th>Role</th><th>Terms or format</th><th>Origin, method, comment</th></tr></thead>
      <tbody><xsl:for-each select="odm:ItemRef">
        <xsl:sort select="@OrderNumber" data-type="number"/>
        <xsl:call-template name="variable"/>
      </xsl:for-each></tbody>
    </table>
    <xsl:for-each select="odm:ItemRef">
      <xsl:sort select="@OrderNumber" data-type="number"/>
      <xsl:variable name="item" select="key('item', @ItemOID)"/>
      <xsl:for-each select="key('values', $item/*[local-name()='ValueListRef']/@ValueListOID)[1]">
        <xsl:call-template name="value-list"><xsl:with-param name="variable" select="$item/@Name"/></xsl:call-template>
      </xsl:for-each>
    </xsl:for-each>
  </section>
</xsl:template>

<!-- Context: the ItemRef in a dataset. -->
<xsl:template name="variable">
  <xsl:variable name="ref" select="."/>
  <xsl:for-each select="key('item', @ItemOID)[1]">
    <tr><xsl:call-template name="anchor"/>
      <xsl:if test="$ref/@*[local-name()='HasNoData']='Yes'"><xsl:attribute name="class">empty</xsl:attribute></xsl:if>
      <td><b><xsl:value-of select="@Name"/></b>
        <xsl:if test="$ref/@Mandatory='Yes'"><span class="star" title="mandatory">*</span></xsl:if>
        <xsl:if test="*[local-name()='ValueListRef']"><br/><a class="small" href="#{translate(*[local-name()='ValueListRef']/@ValueListOID, ' ', '_')}">by value</a></xsl:if>
        <xsl:if test="$ref/@*[local-name()='IsNonStandard']='Yes'"><br/><span class="mark">non-standard</span></xsl:if></td>
      <td><xsl:call-template name="text-of"/></td>
      <td class="number"><xsl:value-of select="$ref/@KeySequence"/></td>
      <xsl:call-template name="type-cells"/>
      <td><xsl:value-of select="$ref/@Role"/></td>
      <td><xsl:call-template name="terms-of"/></td>
      <td><xsl:if test="$ref/@*[local-name()='HasNoData']='Yes'"><span class="mark">no data</span></xsl:if>
        <xsl:call-template name="origins"><xsl:with-param name="ref" select="$ref"/></xsl:call-template></td>
    </tr>
  </xsl:for-each>
</xsl:template>

<!-- Context: a def:ValueListDef. -->
<xsl:template name="value-list">
  <xsl:param name="variable"/>
  <h3><xsl:call-template name="anchor"/><xsl:value-of select="$variable"/> by value</h3>
  <xsl:if test="odm:Description"><p><xsl:call-template name="text-of"/></p></xsl:if>
  <table class="items">
    <thead><tr><th>Where</th><th>Value</th><th>Label</th><th>Type</th><th>Length</th><th>Terms or format</th><th>Origin, method, comment</th></tr></thead>
    <tbody><xsl:for-each select="odm:ItemRef">
      <xsl:sort select="@OrderNumber" data-type="number"/>
      <xsl:variable name="ref" select="."/>
      <tr>
        <td><xsl:for-each select="*[local-name()='WhereClauseRef']">
          <xsl:if test="position() &gt; 1"><br/>or </xsl:if>
          <xsl:for-each select="key('where', @WhereClauseOID)[1]"><xsl:call-template name="condition"/></xsl:for-each>
        </xsl:for-each></td>
        <xsl:for-each select="key('item', @ItemOID)[1]">
          <td><xsl:call-template name="anchor"/><xsl:value-of select="@Name"/></td>
          <td><xsl:call-template name="text-of"/></td>
          <xsl:call-template name="type-cells"/>
          <td><xsl:call-template name="terms-of"/></td>
          <td><xsl:if test="$ref/@*[local-name()='HasNoData']='Yes'"><span class="mark">no data</span></xsl:if>
            <xsl:call-template name="origins"><xsl:with-param name="ref" select="$ref"/></xsl:call-template></td>
        </xsl:for-each>
      </tr>
    </xsl:for-each></tbody>
  </table>
</xsl:template>

<!-- Context: a def:WhereClauseDef. -->
<xsl:template name="condition">
  <xsl:for-each select="odm:RangeCheck">
    <xsl:if test="position() &gt; 1"><br/>and </xsl:if>
    <xsl:variable name="item" select="key('item', @*[local-name()='ItemOID'])"/>
    <a href="#{translate(@*[local-name()='ItemOID'], ' ', '_')}"><xsl:value-of select="$item/@Name"/></a>
    <xsl:text> </xsl:text>
    <xsl:choose>
      <xsl:when test="@Comparator='EQ'">=</xsl:when><xsl:when test="@Comparator='NE'">≠</xsl:when>
      <xsl:when test="@Comparator='LT'">&lt;</xsl:when><xsl:when test="@Comparator='LE'">≤</xsl:when>
      <xsl:when test="@Comparator='GT'">&gt;</xsl:when><xsl:when test="@Comparator='GE'">≥</xsl:when>
      <xsl:when test="@Comparator='NOTIN'">not in</xsl:when><xsl:otherwise>in</xsl:otherwise>
    </xsl:choose>
    <xsl:for-each select="odm:CheckValue">
      <xsl:text> </xsl:text><code><xsl:value-of select="."/></code><xsl:if test="position() != last()">,</xsl:if>
    </xsl:for-each>
  </xsl:for-each>
  <xsl:call-template name="comment-of"/>
</xsl:template>

<!-- Context of the following: an ItemDef. -->
<xsl:template name="type-cells">
  <td><xsl:value-of select="@DataType"/></td>
  <td class="number"><xsl:value-of select="@Length"/>
    <xsl:if test="@SignificantDigits">.<xsl:value-of select="@SignificantDigits"/></xsl:if>
    <xsl:if test="@*[local-name()='DisplayFormat']"><br/><span class="small"><xsl:value-of select="@*[local-name()='DisplayFormat']"/></span></xsl:if></td>
</xsl:template>

<xsl:template name="terms-of">
  <xsl:variable name="iso" select="contains(@DataType, 'ate') or contains(@DataType, 'ime')"/>
  <xsl:if test="$iso">ISO 8601</xsl:if>
  <xsl:for-each select="key('codelist', odm:CodeListRef/@CodeListOID)[1]">
    <a><xsl:call-template name="jump"/><xsl:value-of select="@Name"/></a>
    <xsl:variable name="items" select="odm:CodeListItem | odm:EnumeratedItem"/>
    <xsl:if test="$items and count($items) &lt;= 6">
      <div class="small"><xsl:for-each select="$items"><xsl:if test="position() &gt; 1">, </xsl:if><code><xsl:value-of select="@CodedValue"/></code></xsl:for-each></div>
    </xsl:if>
    <xsl:if test="count($items) &gt; 6"><div class="small"><xsl:value-of select="count($items)"/> terms</div></xsl:if>
    <xsl:for-each select="odm:ExternalCodeList"><div class="small"><xsl:value-of select="@Dictionary"/>&#160;<xsl:value-of select="@Version"/></div></xsl:for-each>
  </xsl:for-each>
</xsl:template>

<xsl:template name="origins">
  <xsl:param name="ref"/>
  <xsl:for-each select="*[local-name()='Origin']">
    <div><b><xsl:value-of select="@Type"/></b>
      <xsl:if test="@Source"> (<xsl:value-of select="@Source"/>)</xsl:if>
      <xsl:if test="odm:Description">: <xsl:call-template name="text-of"/></xsl:if>
      <xsl:call-template name="document-refs"/></div>
  </xsl:for-each>
  <xsl:for-each select="key('method', $ref/@MethodOID)[1]">
    <div><a><xsl:call-template name="jump"/>Method</a>: <xsl:call-template name="text-of"/></div>
  </xsl:for-each>
  <xsl:call-template name="comment-of"/>
</xsl:template>

<!-- Codelists, dictionaries -->
<xsl:template name="codelists-section">
  <xsl:if test="$terms">
    <section id="codelists"><h2>Codelists</h2>
      <xsl:for-each select="$terms">
        <xsl:sort select="@Name"/>
        <h3><xsl:call-template name="anchor"/><xsl:value-of select="@Name"/>
          <xsl:if test="odm:Alias[@Context='nci:ExtCodeID']"> <span class="small"> <xsl:value-of select="odm:Alias[@Context='nci:ExtCodeID']/@Name"/></span></xsl:if></h3>
        <p class="sub"><xsl:call-template name="standard-of"/> <xsl:call-template name="used-by"/></p>
        <xsl:call-template name="comment-of"/>
        <table class="terms">
          <thead><tr><th>Term</th><xsl:if test="odm:CodeListItem"><th>Decode</th></xsl:if><th>NCI code</th></tr></thead>
          <tbody><xsl:for-each select="odm:CodeListItem | odm:EnumeratedItem">
            <tr><td><code><xsl:value-of select="@CodedValue"/></code>
              <xsl:if test="@*[local-name()='ExtendedValue']='Yes'"> <span class="mark">extended</span></xsl:if></td>
              <xsl:if test="self::odm:CodeListItem"><td><xsl:for-each select="odm:Decode"><xsl:value-of select="odm:TranslatedText[1]"/></xsl:for-each></td></xsl:if>
              <td><xsl:value-of select="odm:Alias[@Context='nci:ExtCodeID']/@Name"/></td></tr>
          </xsl:for-each></tbody>
        </table>
      </xsl:for-each>
    </section>
  </xsl:if>
</xsl:template>

<xsl:template name="dictionaries-section">
  <xsl:if test="$dictionaries">
    <section id="dictionaries"><h2>Dictionaries</h2>
      <table><thead><tr><th>Name</th><th>Dictionary</th><th>Version</th><th>Used by</th></tr></thead><tbody>
        <xsl:for-each select="$dictionaries">
          <tr><xsl:call-template name="anchor"/><td><xsl:value-of select="@Name"/></td>
            <td><xsl:value-of select="odm:ExternalCodeList/@Dictionary"/></td>
            <td><xsl:value-of select="odm:ExternalCodeList/@Version"/></td>
            <td><xsl:call-template name="used-by"/></td></tr>
        </xsl:for-each>
      </tbody></table>
    </section>
  </xsl:if>
</xsl:template>

<!-- Context: a CodeList. Values are told with their variable's dataset. -->
<xsl:template name="used-by">
  <xsl:for-each select="key('items-of-codelist', @OID)[position() &lt;= 40]">
    <xsl:if test="position() &gt; 1">, </xsl:if>
    <a class="small"><xsl:call-template name="jump"/>
      <xsl:variable name="parent" select="key('references', @OID)[1]/.."/>
      <xsl:choose>
        <xsl:when test="$parent/self::odm:ItemGroupDef"><xsl:value-of select="$parent/@Name"/>.<xsl:value-of select="@Name"/></xsl:when>
        <xsl:otherwise>
          <xsl:variable name="variable" select="key('items-of-values', $parent/@OID)[1]"/>
          <xsl:value-of select="key('references', $variable/@OID)[1]/../@Name"/>.<xsl:value-of select="@Name"/>
        </xsl:otherwise>
      </xsl:choose></a>
  </xsl:for-each>
  <xsl:if test="count(key('items-of-codelist', @OID)) &gt; 40"> …</xsl:if>
</xsl:template>

<!-- Methods, comments -->
<xsl:template name="methods-section">
  <xsl:if test="$meta/odm:MethodDef">
    <section id="methods"><h2>Methods</h2>
      <table><thead><tr><th>Method</th><th>Type</th><th>Description</th></tr></thead><tbody>
        <xsl:for-each select="$meta/odm:MethodDef">
          <tr><xsl:call-template name="anchor"/><td><xsl:value-of select="@Name"/></td><td><xsl:value-of select="@Type"/></td>
            <td class="text"><xsl:call-template name="text-of"/>
              <xsl:for-each select="odm:FormalExpression"><div class="small"><xsl:value-of select="@Context"/></div><pre><xsl:value-of select="."/></pre></xsl:for-each>
              <xsl:call-template name="document-refs"/></td></tr>
        </xsl:for-each>
      </tbody></table>
    </section>
  </xsl:if>
</xsl:template>

<xsl:template name="comments-section">
  <xsl:if test="$comments">
    <section id="comments"><h2>Comments</h2>
      <table><thead><tr><th>Comment</th><th>Text</th></tr></thead><tbody>
        <xsl:for-each select="$comments">
          <tr><xsl:call-template name="anchor"/><td><xsl:value-of select="@OID"/></td>
            <td class="text"><xsl:call-template name="text-of"/><xsl:call-template name="document-refs"/></td></tr>
        </xsl:for-each>
      </tbody></table>
    </section>
  </xsl:if>
</xsl:template>

<!-- Pieces. Context: the element that has the thing. -->
<xsl:template name="text-of"><xsl:value-of select="odm:Description[1]/odm:TranslatedText[1]"/></xsl:template>

<xsl:template name="comment-of">
  <xsl:param name="node" select="."/>
  <xsl:for-each select="key('comment', $node/@*[local-name()='CommentOID'])[1]">
    <div class="comment"><xsl:call-template name="text-of"/><xsl:call-template name="document-refs"/></div>
  </xsl:for-each>
</xsl:template>

<xsl:template name="document-refs">
  <xsl:for-each select="*[local-name()='DocumentRef']">
    <xsl:variable name="pages" select="*[local-name()='PDFPageRef']"/>
    <xsl:text> </xsl:text>
    <xsl:for-each select="key('leaf', @leafID)[1]"><xsl:call-template name="link-to-leaf"/></xsl:for-each>
    <xsl:variable name="leaf" select="key('leaf', @leafID)[1]"/>
    <xsl:for-each select="$pages">
      <xsl:text> </xsl:text>
      <xsl:choose>
        <xsl:when test="@PageRefs and @Type='PhysicalRef'">
          <xsl:text>p. </xsl:text>
          <xsl:call-template name="page-links"><xsl:with-param name="pages" select="normalize-space(@PageRefs)"/><xsl:with-param name="href" select="$leaf/@xlink:href"/></xsl:call-template>
        </xsl:when>
        <xsl:when test="@PageRefs"><xsl:value-of select="@PageRefs"/></xsl:when>
        <xsl:otherwise>p. <xsl:value-of select="@FirstPage"/>–<xsl:value-of select="@LastPage"/></xsl:otherwise>
      </xsl:choose>
    </xsl:for-each>
  </xsl:for-each>
</xsl:template>

<!-- "4 7": each page a link into the document; deep lists end at 200 pages. -->
<xsl:template name="page-links">
  <xsl:param name="pages"/><xsl:param name="href"/><xsl:param name="left" select="200"/>
  <xsl:variable name="page" select="substring-before(concat($pages, ' '), ' ')"/>
  <xsl:variable name="safe"><xsl:call-template name="is-safe"><xsl:with-param name="href" select="$href"/></xsl:call-template></xsl:variable>
  <xsl:choose>
    <xsl:when test="$safe = 'yes'"><a href="{$href}#page={$page}"><xsl:value-of select="$page"/></a></xsl:when>
    <xsl:otherwise><xsl:value-of select="$page"/></xsl:otherwise>
  </xsl:choose>
  <xsl:if test="contains($pages, ' ') and $left &gt; 1">
    <xsl:text>, </xsl:text>
    <xsl:call-template name="page-links"><xsl:with-param name="pages" select="substring-after($pages, ' ')"/><xsl:with-param name="href" select="$href"/><xsl:with-param name="left" select="$left - 1"/></xsl:call-template>
  </xsl:if>
</xsl:template>

<xsl:template name="link-to-leaf">
  <xsl:variable name="safe"><xsl:call-template name="is-safe"><xsl:with-param name="href" select="@xlink:href"/></xsl:call-template></xsl:variable>
  <xsl:choose>
    <xsl:when test="$safe = 'yes'"><a href="{@xlink:href}"><xsl:value-of select="*[local-name()='title']"/></a></xsl:when>
    <xsl:otherwise><xsl:value-of select="*[local-name()='title']"/></xsl:otherwise>
  </xsl:choose>
</xsl:template>

<!-- A define.xml of somebody else may name any target: only files and http(s) become links. -->
<xsl:template name="is-safe">
  <xsl:param name="href"/>
  <xsl:if test="$href and (not(contains($href, ':')) or starts-with($href, 'http://') or starts-with($href, 'https://'))">yes</xsl:if>
</xsl:template>

<xsl:template name="anchor"><xsl:attribute name="id"><xsl:value-of select="translate(@OID, ' ', '_')"/></xsl:attribute></xsl:template>
<xsl:template name="jump"><xsl:attribute name="href">#<xsl:value-of select="translate(@OID, ' ', '_')"/></xsl:attribute></xsl:template>

<xsl:template name="css">
:root { --line: #d9dee5; --soft: #f5f7fa; --ink: #1c2430; --mute: #5b6778; --link: #0b57a4; }
* { box-sizing: border-box; }
html { scroll-padding-top: .5rem; }
body { margin: 0; font: 14px/1.45 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; color: var(--ink); }
nav { position: fixed; top: 0; bottom: 0; left: 0; width: 17rem; overflow-y: auto; padding: 1rem; background: var(--soft); border-right: 1px solid var(--line); }
nav a { display: block; padding: .15rem 0; font-weight: 600; }
nav a.home { font-size: 1.1rem; padding-bottom: .5rem; }
nav ul { list-style: none; margin: 0 0 .5rem; padding: 0 0 0 .5rem; }
nav ul a { font-weight: 400; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
nav ul span { color: var(--mute); }
nav ul.long { max-height: 14rem; overflow-y: auto; }
main { margin-left: 17rem; padding: 1rem 2rem 4rem; }
h1 { margin: 0; font-size: 1.6rem; } h2 { margin: 2.2rem 0 .4rem; font-size: 1.25rem; } h3 { margin: 1.4rem 0 .3rem; font-size: 1.02rem; }
.lead { margin: .2rem 0 .8rem; font-size: 1.05rem; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: 0; } .facts dt { color: var(--mute); } .facts dd { margin: 0; }
a { color: var(--link); text-decoration: none; } a:hover { text-decoration: underline; }
table { border-collapse: collapse; width: 100%; margin: .3rem 0; } table.terms { width: auto; min-width: 24rem; }
th { position: sticky; top: 0; text-align: left; background: var(--soft); border-bottom: 2px solid var(--line); padding: .35rem .5rem; font-weight: 600; white-space: nowrap; }
td { border-bottom: 1px solid var(--line); padding: .3rem .5rem; vertical-align: top; overflow-wrap: break-word; }
table.items td:first-child { white-space: nowrap; } td.number { text-align: right; white-space: nowrap; }
tr:target td, h3:target, td:target { background: #fff6d6; } tr.empty td { color: var(--mute); }
code, pre { font: 12.5px/1.45 ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace; } pre { margin: .2rem 0; padding: .4rem .6rem; background: var(--soft); white-space: pre-wrap; }
.sub, .small { color: var(--mute); } .small { font-size: 12.5px; } a.small { color: var(--link); } .sub { margin: .1rem 0 .4rem; } .text { white-space: pre-line; }
.star { color: #b3261e; } .mark { display: inline-block; padding: 0 .35rem; border-radius: .6rem; background: #e8ecf2; color: var(--mute); font-size: 12px; font-weight: 400; }
.comment { color: var(--mute); font-style: italic; white-space: pre-line; }
@media (max-width: 60rem) { nav { position: static; width: auto; } main { margin: 0; padding: 1rem; overflow-x: auto; } th { position: static; } }
@media print { nav { display: none; } main { margin: 0; padding: 0; } th { position: static; } }
</xsl:template>
</xsl:stylesheet>
