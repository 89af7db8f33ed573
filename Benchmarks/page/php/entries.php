<h1>Entries</h1>
<ol>
<?php foreach ($entries as $entry): ?>
<li id="entry-<?= $entry->id ?>">
<h2><a href="/entries/<?= $entry->id ?>"><?= e($entry->title) ?></a></h2>
<p><?= e($entry->author) ?>, <?= (new DateTimeImmutable($entry->written))->format('Y-m-d H:i') ?><?= $entry->edited ? ' (edited)' : '' ?></p>
<p><?= e($entry->body) ?></p>
</li>
<?php endforeach ?>
<?php if (!$entries): ?>
<li>There is none yet.</li>
<?php endif ?>
</ol>
