import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { changeAlbum, type Album } from '../../../albums/use-albums.ts';
import { Button } from '../../../components/controls/Button.tsx';
import { Field } from '../../../components/controls/Field.tsx';
import { TextInput } from '../../../components/controls/TextInput.tsx';
import { Dialog } from '../../../components/overlays/Dialog.tsx';
import { useTexts } from '../../../texts/i18n.ts';
import { galleryTexts } from '../texts.ts';

export function RenameDialog({ album, onClose }: { album: Album; onClose: () => void }) {
  const t = useTexts(galleryTexts);
  const [name, setName] = useState(album.name);
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => changeAlbum(album.id, { name: name.trim() }),
    onSuccess: onClose,
  });
  return (
    <Dialog isOpen onClose={onClose} title={t.rename}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          mutate();
        }}
      >
        <Field label={t.name} problem={error?.message}>
          <TextInput
            value={name}
            maxLength={200}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
          />
        </Field>
        <Button type="submit" variant="primary" isBusy={isPending} className="self-end">
          {t.save}
        </Button>
      </form>
    </Dialog>
  );
}
